// Where an episode lies. Names come from whoever asks, and what is signed here is a pattern.

// A `*` would open every series at once, and dots another directory.
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;

/** The URL of an episode's directory, without a final slash, or null if a name is none. */
export function episodeDirectory(origin, { series, episode }) {
  if (!NAME.test(series) || !NAME.test(episode)) return null;
  return `${origin}/content/series/${series}/video/${episode}`;
}
