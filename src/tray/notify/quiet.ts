/** When the user wants no notifications. Pure. */

/** `22:00-07:00`: from the first minute to before the last one; empty: never. */
const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/u;

/** @param now by the clock on the wall */
export function isQuiet(hours: string, now: Date): boolean {
  const [, ...parts] = HOURS.exec(hours)?.map(Number) ?? [];
  const [fromHour, fromMinute, toHour, toMinute] = parts;
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined) {
    return false;
  }
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from <= to ? from <= minute && minute < to : from <= minute || minute < to;
}
