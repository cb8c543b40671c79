/** Characters that a shell, notify-send (g_strcompress), or markup of a notification would obey, and their doubles. */
const DOUBLES: Readonly<Record<string, string>> = {
  '"': '”',
  $: '＄',
  '`': 'ˋ',
  '\\': '⧵',
  '<': '‹',
  '>': '›',
  '&': '＆',
};

/**
 * Text that is nothing but text wherever it goes on its way to the screen. (node-notifier runs
 * notify-send by a shell, which interprets backslashes and hands on markup.)
 */
export function inert(text: string): string {
  return text.replace(/["$`\\<>&]/gu, (char) => DOUBLES[char] ?? ' ');
}
