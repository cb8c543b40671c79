// @ts-check
import { spawnSync } from 'node:child_process';

/** A user namespace in which the lab has what it needs of root: a range of users, networks and mounts. */
const NAMESPACE = [
  'unshare',
  '--user',
  '--map-root-user',
  '--map-auto',
  '--mount',
  '--net',
  '--pid',
  '--fork',
  '--mount-proc',
];
/** `ip netns` and the lab keep files in /run; servers of tests listen on the loopback. */
const OWN_RUN = [
  'sh',
  '-c',
  'mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/lock && ip link set lo up && exec "$@"',
  'lab',
];

/**
 * What goes before a command that runs the lab: nothing for root, else a user namespace; undefined where there is neither.
 * @param {{ isRoot: boolean, works: (argv: readonly string[]) => boolean }} [machine]
 * @returns {readonly string[] | undefined}
 */
export function labPrefix(machine = { isRoot: process.getuid?.() === 0, works }) {
  const networks = ['sh', '-c', 'ip netns add hotdesk-try && ip netns del hotdesk-try'];
  if (machine.isRoot) return machine.works(['unshare', '--net', '--mount', 'true']) ? [] : undefined;
  const prefix = [...NAMESPACE, ...OWN_RUN];
  return machine.works([...prefix, ...networks]) ? prefix : undefined;
}

/** @param {readonly string[]} argv */
function works([command = '', ...args]) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
