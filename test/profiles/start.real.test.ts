/** Starts that are cancelled while what they began is on its way, and starts that are cut off: nothing stays unseen. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../src/model/machine.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend, StartRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { CASES } from '../contract/cases.ts';
import { packaged } from '../contract/packaged.ts';
import {
  age,
  breakingAtOnce,
  type ContractRig,
  commandLine,
  localRig,
  nothingLeft,
  processesOf,
  type TestSeat,
  testSeat,
  withSlow,
} from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

let rig: ContractRig;
let desk: TestSeat;
let slow: Machine;

beforeAll(async () => {
  rig = await localRig();
  desk = await testSeat();
  slow = await withSlow(rig, 'setsid');
});
afterAll(async () => {
  await desk.dispose();
  await rig.dispose();
});

/** Of that backend, as the contract has it. */
function requestOf(name: string): StartRequest {
  const { kinds } = packaged(name);
  const kind = (['app', 'terminal', 'vm', 'desktop', 'shadow'] as const).find((each) => kinds.includes(each));
  const known = CASES[name];
  const runsThat = kind === 'app' || kind === 'terminal' ? ['sleep', '600'] : [];
  return {
    name: `it-${process.pid}`,
    command: known?.application?.(true) ?? runsThat,
    kind: kind ?? 'app',
    options: known?.options?.(desk.seat.id) ?? {},
    // What lives by it does not start without.
    viewerComes: name === 'ssh-x11',
  };
}

test.each([
  'dtach',
  'xpra',
  'xpra-desktop',
  'xpra-shadow',
  'vnc',
  'vnc-shadow',
  'rdp-shadow',
  'x2go',
  'spice-vm',
])('%s: a start that is cancelled before its server has begun leaves nothing', async (name) => {
  const cancel = new AbortController();
  const started = bindBackend(packaged(name), slow).start(
    requestOf(name),
    () => cancel.abort(),
    cancel.signal,
  );
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
  // What is on its way comes up after that.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await nothingLeft(rig);
});

test.each(['xpra', 'rdp-shadow'])(
  '%s: a launch that takes too long to get its folder ready leaves nothing',
  async (name) => {
    // Removes the file by which it was seen whether there is room.
    const slowly = await withSlow(rig, 'rm');
    let isFirst = true;
    const machine: Machine = {
      ...rig.machine,
      exec(argv, options) {
        if (!isFirst) return rig.machine.exec(argv, options);
        isFirst = false;
        return slowly.exec(argv, { ...options, timeoutMs: 400 });
      },
    };
    const started = bindBackend(packaged(name), machine).start(requestOf(name), () => {});
    await expect(started).rejects.toMatchObject({ code: 'timeout' });
    await nothingLeft(rig);
  },
);

/** The session of a start that got no further than its launch, when nobody waits for that any more. */
async function cutOff(name: string): Promise<{ backend: Backend; session: Session }> {
  const request = requestOf(name);
  const started = bindBackend(packaged(name), breakingAtOnce(rig.machine)).start(request, () => {});
  await expect(started).rejects.toMatchObject({ code: 'connection-lost' });
  const backend = bindBackend(packaged(name), rig.machine);
  const session = await until('it is listed', async () => {
    await age(rig);
    return (await backend.list()).find((each) => each.name === request.name);
  });
  return { backend, session };
}

test.each([
  'dtach',
  'screen',
  'tmux',
  'xpra',
  'vnc',
  'vnc-shadow',
  'rdp-shadow',
  'x2go',
  'xspice',
  'spice-vm',
])(
  '%s: a start whose connection breaks is listed, and nothing stays of it when it is stopped',
  async (name) => {
    const { backend, session } = await cutOff(name);
    await backend.stop(session.localId);
    await age(rig);
    await backend.list();
    await nothingLeft(rig);
  },
);

test('nothing stays of an application that its viewer never came for', async () => {
  const started = bindBackend(packaged('ssh-x11'), breakingAtOnce(rig.machine)).start(
    requestOf('ssh-x11'),
    () => {},
  );
  await expect(started).rejects.toMatchObject({ code: 'connection-lost' });
  await age(rig);
  expect(await bindBackend(packaged('ssh-x11'), rig.machine).list()).toEqual([]);
  await nothingLeft(rig);
});

test.each(['dtach', 'x2go'])(
  '%s: what waits since its start was cut off begins when somebody attaches',
  async (name) => {
    const { backend, session } = await cutOff(name);
    const viewer = { viewerId: 'v1', hostId: 'ab', host: 'here' };
    await backend.endpoint(session.localId, { mode: 'take', options: {}, viewer });
    await until('it runs', () => processesOf(rig.home).some((pid) => /^sleep 600\b/u.test(commandLine(pid))));
    await backend.stop(session.localId);
    await nothingLeft(rig);
  },
);
