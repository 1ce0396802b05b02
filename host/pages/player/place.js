// Whether whoever watches wants it to go on, and where: both are lost when the video is given another source.

/** Follows a video until `stop`. */
export function following(video) {
  let wanted = true;
  let at;

  const listeners = {
    play: () => (wanted = true),
    pause: () => {
      if (!video.ended && !video.error) wanted = false;
    },
    // The new source has come to where the old one was.
    seeked: arrived,
    playing: arrived,
  };
  function arrived() {
    if (video.currentTime > 0) at = undefined;
  }
  for (const [name, listener] of Object.entries(listeners)) video.addEventListener(name, listener);

  return {
    /** Where it is, or is to be. A live stream goes on where it has got to by itself. */
    get place() {
      if (video.duration === Infinity) return undefined;
      return at ?? (video.currentTime || undefined);
    },
    /** The video has been given another source and is to go on from `position`. */
    moved(position) {
      at = position;
      if (wanted) video.play().catch(() => {});
    },
    /** Goes to that place by hand, where the source does not. */
    arrive() {
      if (at !== undefined && Number.isFinite(video.duration)) video.currentTime = at;
      else at = undefined;
    },
    stop() {
      for (const [name, listener] of Object.entries(listeners)) video.removeEventListener(name, listener);
    },
  };
}
