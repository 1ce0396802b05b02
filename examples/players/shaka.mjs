// Shaka Player, for HLS and DASH: a request filter does the same.
import shaka from "shaka-player";

export async function play(video, playback, url = playback.grant.videoUrl) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  player.getNetworkingEngine().registerRequestFilter(async (type, request) => {
    await playback.fresh();
    request.uris = request.uris.map((uri) => playback.sign(uri));
    request.allowCrossSiteCredentials = playback.grant.delivery === "cookies";
  });
  playback.addEventListener("ended", () => player.destroy());
  await player.load(url);
  return player;
}
