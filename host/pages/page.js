// What both pages share: finding and making elements, and writing times.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** An element with properties and children; texts are never read as HTML. */
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  const { dataset, ...others } = properties;
  Object.assign(made, others);
  Object.assign(made.dataset, dataset ?? {});
  made.append(...children);
  return made;
}

/** A number of seconds, for people. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  // The two largest units are exact enough.
  const said = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return said.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** Epoch seconds as a time of day here. */
export const clock = (epoch) => new Date(epoch * 1000).toLocaleTimeString();

/** Epoch seconds as date and time, here and in UTC. */
export function moment(epoch) {
  const date = new Date(epoch * 1000);
  if (Number.isNaN(date.getTime())) return String(epoch);
  return `${date.toLocaleString()} (${date.toISOString().replace(".000", "")})`;
}
