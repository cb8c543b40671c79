/**
 * Runs inside a host of the lab: finds or publishes, tells what happens as JSON lines, and does what
 * it is told on standard input: {"suspect": key}, {"update": […]}, {"stop": true}.
 */
import { createInterface } from 'node:readline';
import { createAdvertiser } from '../../../src/agent/advertise/advertise.ts';
import { createLanFinder } from '../../../src/discovery/lan.ts';
import { systemBus } from '../../../src/platform/dbus.ts';
import { PeerAction, type PeerOptions } from './messages.ts';

const say = (event: Record<string, unknown>) =>
  process.stdout.write(`${JSON.stringify({ at: Date.now(), ...event })}\n`);
const options = JSON.parse(process.argv[2] ?? '{}') as PeerOptions;
const log = {
  debug() {},
  info: (fields: object, message: string) => say({ log: message, ...fields }),
  warn: (fields: object, message: string) => say({ log: message, ...fields }),
  error: (fields: object, message: string) => say({ log: message, ...fields }),
};
const buffers = (txt: readonly string[]) => txt.map((entry) => Buffer.from(entry));

const finder =
  options.find === undefined
    ? undefined
    : createLanFinder({
        log,
        ...(options.find.bus ? { bus: systemBus } : {}),
        prefer: options.find.prefer ?? 'mdns',
      });
const advertiser =
  options.publish === undefined
    ? undefined
    : createAdvertiser({ log, ...(options.publish.bus ? { bus: systemBus } : {}) });

process.on('unhandledRejection', (error) => say({ fatal: String(error) }));
process.on('uncaughtException', (error) => say({ fatal: String(error.stack) }));

await finder?.start({
  found: (sighting) => say({ found: sighting }),
  lost: (key) => say({ lost: key }),
  problem: (error) => say({ problem: error.code }),
});
if (options.publish) {
  const { txt, ...rest } = options.publish;
  await advertiser?.start({ ...rest, txt: buffers(txt) });
}
say({ ready: true, mode: [finder?.mode, advertiser?.mode] });

for await (const line of createInterface({ input: process.stdin })) {
  const action = PeerAction.parse(JSON.parse(line));
  if (action.suspect) finder?.suspect(action.suspect);
  if (action.update) await advertiser?.update(buffers(action.update));
  if (action.mode) say({ mode: [finder?.mode, advertiser?.mode] });
  if (action.memory) {
    const { rss } = process.memoryUsage();
    // What is kept, not what waits to be collected.
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    say({ rss, kept: heapUsed + external, cpu: process.cpuUsage() });
  }
  if (action.stop) break;
}
await Promise.all([finder?.stop(), advertiser?.stop()]);
say({ stopped: true });
process.exit(0);
