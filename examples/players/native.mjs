// A plain <video>: Safari's own HLS with delivery `playlist` or `cookies`, and raw videos with any delivery.

export function play(video, playback) {
  const { delivery, isHls, videoUrl } = playback.grant;
  let broke = null;
  // Chromium's own player wants this where playlists and segments come from two origins. Both must then allow CORS.
  if (isHls && delivery === "playlist") video.crossOrigin = "anonymous";
  video.src = videoUrl;
  // A signature inside `src` is of the day it was set. Once it is refused, go on where it stopped with a fresh one.
  video.addEventListener("error", async () => {
    const { currentTime, paused } = video;
    if (broke === playback.grant.videoUrl) return;
    await playback.renew();
    broke = playback.grant.videoUrl;
    video.src = playback.grant.videoUrl;
    video.currentTime = currentTime;
    if (!paused) await video.play();
  });
  playback.addEventListener("ended", () => video.removeAttribute("src"));
  return video;
}
