// A plain <video>: Safari's own HLS with delivery `playlist` or `cookies`, and raw videos with any delivery.

export function play(video, playback) {
  const { delivery, isHls } = playback.grant;
  let played;
  let replaced = 0;
  let wanted = !video.paused;

  function open() {
    played = playback.grant;
    video.src = played.videoUrl;
  }

  /** Goes on with the newest grant where it stopped; a live stream goes on where it has got to by itself. */
  function replace() {
    const { currentTime, duration } = video;
    replaced = Date.now();
    open();
    if (duration !== Infinity) video.currentTime = currentTime;
    if (wanted) video.play().catch(() => {});
  }

  // A signature is of the day it was set: in `src`, and in a playlist that is read once.
  async function failed() {
    // What breaks again within seconds of a fresh one does not break for its signature.
    if (Date.now() < replaced + 5000) return;
    const broken = played;
    await playback.renew();
    if (broken === playback.grant) await new Promise((resolve) => playback.addEventListener("renewed", resolve, { once: true }));
    if (played === broken && !playback.over) replace();
  }

  // Chromium's own player wants this where playlists and segments come from two origins. Both must then allow CORS.
  if (isHls && delivery === "playlist") video.crossOrigin = "anonymous";
  video.addEventListener("play", () => (wanted = true));
  video.addEventListener("pause", () => {
    // Before it says `error`, Chromium pauses the video by itself.
    if (!video.error) wanted = false;
  });
  video.addEventListener("error", failed);
  playback.addEventListener("renewed", () => {
    // Links to playlists are of one session.
    if (delivery === "playlist" && played.sessionId !== playback.grant.sessionId) replace();
  });
  playback.addEventListener("ended", () => {
    video.removeEventListener("error", failed);
    video.removeAttribute("src");
    video.load();
  });
  open();
  return video;
}
