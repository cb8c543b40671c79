// @ts-check
/**
 * What a newcomer may try first: three commands that work here as they stand.
 * @param {{ call: string, host: string, hasCommand: (command: string) => boolean, hasDisplay: boolean }} at
 *   `call` is how hotdesk is called, `host` the name of this machine
 * @returns {string[]} lines
 */
export function nextCommands({ call, host, hasCommand, hasDisplay }) {
  const windows = hasDisplay && ['xpra', 'Xvfb', 'xauth'].every(hasCommand);
  const application = windows ? APPLICATIONS.find(hasCommand) : undefined;
  /** @type {[string, string]} */
  let first = ['list', 'what runs, and where it is shown'];
  if (application !== undefined)
    first = [`start ${host} -- ${application}`, 'a window that outlives its desk'];
  else if (hasCommand('tmux')) first = [`start ${host} --backend tmux`, 'a terminal that outlives its desk'];
  const rows = [
    first,
    ['setup', 'another machine, from its SSH password on'],
    ['doctor', 'what is amiss, and the cure'],
  ];
  const width = Math.max(...rows.map(([command = '']) => command.length));
  return rows.map(([command = '', why]) => `  ${call} ${command.padEnd(width)}  # ${why}`);
}

/** Small ones first. */
const APPLICATIONS = ['xterm', 'xclock', 'mousepad', 'gedit', 'kate', 'firefox', 'firefox-esr'];
