// hls.js: every request below the video's directory gets the newest signature, or the cookies.
import Hls from "hls.js";

export function play(video, playback) {
  const { delivery, videoUrl } = playback.grant;
  const hls = new Hls({
    async xhrSetup(xhr, url) {
      await playback.fresh();
      xhr.open("GET", playback.sign(url), true);
      xhr.withCredentials = delivery === "cookies";
    },
  });
  hls.loadSource(videoUrl);
  hls.attachMedia(video);
  playback.addEventListener("ended", () => hls.destroy());
  return hls;
}
