/** What can be said of how a display shared by RDP is shown, with FreeRDP's own programs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer } from '../../src/viewer/launch.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, nothingLeft, type TestSeat, testSeat } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const profile = packaged('rdp-shadow');
let rig: ContractRig;
let desk: TestSeat;
let seat: TestSeat;
let backend: Backend;
let session: Session;

beforeAll(async () => {
  rig = await localRig();
  [desk, seat] = [await testSeat(), await testSeat()];
  backend = bindBackend(profile, rig.machine);
  const options = { display: desk.seat.id };
  session = await backend.start({ name: 'shared', command: [], kind: 'shadow', options }, () => {});
});
afterAll(async () => {
  await backend.stop(session.localId);
  await nothingLeft(rig);
  await Promise.all([desk.dispose(), seat.dispose()]);
  await rig.dispose();
});

test.each([
  [{ encoding: 'RFX', compression: false }, ['/gfx:RFX', '-compression']],
  [{ encoding: 'AVC420', fullscreen: true }, ['/gfx:AVC420', '/f']],
  [{ encoding: 'AVC444', scaling: true }, ['/gfx:AVC444', '/smart-sizing']],
  [{ depth: 16, network: 'modem', clipboard: false }, ['/bpp:16', '/network:modem', '-clipboard']],
])('xfreerdp takes %j', async (options, args) => {
  const view = { mode: 'take', options, viewer: { viewerId: 'v1', hostId: 'ab', host: 'here' } } as const;
  const endpoint = await backend.endpoint(session.localId, view);
  if (endpoint.kind !== 'unix') throw new Error('a socket was expected');
  const command = await viewerCommand(
    profile,
    {
      ...{ view, session, ref: `rdp-shadow:${session.localId}@here`, seat: 'x11', path: endpoint.path },
      ...{ folder: rig.home, hotdesk: [] },
    },
    async () => true,
  );
  expect(command.argv).toEqual(expect.arrayContaining(args));
  const viewer = await launchViewer(command, seat.seat, { env: { ...process.env, HOME: rig.home } });
  await viewer.shown;
  await until('its window', async () => (await seat.windows()).includes('"shared"'));
  await viewer.terminate();
});
