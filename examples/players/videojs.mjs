// Video.js 8: a hook of its engine for HLS and DASH does the same. It cannot wait: the timer of `Playback` must have run.
import videojs from "video.js";

export function play(video, playback) {
  const { delivery, videoUrl, dashUrl, isHls } = playback.grant;
  const type = isHls ? "application/vnd.apple.mpegurl" : videoUrl === dashUrl ? "application/dash+xml" : "video/mp4";
  const player = videojs(video, { html5: { vhs: { overrideNative: true }, nativeAudioTracks: false, nativeVideoTracks: false } });
  player.on("xhr-hooks-ready", () => {
    player.tech(true).vhs.xhr.onRequest((options) => {
      options.uri = playback.sign(options.uri);
      options.withCredentials = delivery === "cookies";
      return options;
    });
  });
  player.src({ src: videoUrl, type });
  playback.addEventListener("ended", () => player.dispose());
  return player;
}
