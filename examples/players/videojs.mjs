// Video.js 8: a hook of its HLS engine does the same. The hook cannot wait, so the timer of `Playback` must have run.
import videojs from "video.js";

export function play(video, playback) {
  const { delivery, videoUrl, isHls } = playback.grant;
  const player = videojs(video, { html5: { vhs: { overrideNative: true }, nativeAudioTracks: false, nativeVideoTracks: false } });
  player.on("xhr-hooks-ready", () => {
    player.tech(true).vhs.xhr.onRequest((options) => {
      options.uri = playback.sign(options.uri);
      options.withCredentials = delivery === "cookies";
      return options;
    });
  });
  player.src({ src: videoUrl, type: isHls ? "application/vnd.apple.mpegurl" : "video/mp4" });
  playback.addEventListener("ended", () => player.dispose());
  return player;
}
