/** Whose settings count for a connection file. What is opened by it: console.real.test.ts. */
import { expect, test } from 'vitest';
import { lookAtConsole } from '../../../src/agent/console/console.ts';
import { base64, rig } from './rig.ts';

const VV = base64(
  '[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntitle=winxp\nenable-usb-autoshare=1\nfullscreen=1\n',
);
const USB = 'every USB device that you plug in (enable-usb-autoshare; -o usb=yes takes it)';
const leftOut = async (set: Parameters<typeof rig>[0], data = VV, options = {}) =>
  (await lookAtConsole(rig(set).context, { data, options })).leftOut;

test('a file has nothing of this machine for the name that it gives itself', async () => {
  expect(await leftOut({ winxp: { usb: true } })).toEqual([USB]);
  // Nor for where it leads: its proxy may lead elsewhere.
  const nameless = base64(
    '[virt-viewer]\ntype=spice\nhost=winxp\nport=5900\nproxy=http://far:1\nenable-usb-autoshare=1\n',
  );
  expect(await leftOut({ winxp: { usb: true } }, nameless)).toEqual([USB]);
  const rdp = base64('full address:s:desk\r\naudiocapturemode:i:1\r\nredirectprinters:i:1\r\n');
  expect(await leftOut({ desk: { microphone: true, printers: true } }, rdp)).toHaveLength(2);
});

test('what the user says of all consoles, or of this one in the command, is for it', async () => {
  expect(await leftOut({ '': { usb: true } })).toEqual([]);
  expect(await leftOut({}, VV, { usb: true })).toEqual([]);
  // The command goes first.
  expect(await leftOut({ '': { usb: true } }, VV, { usb: false })).toEqual([USB]);
  // A name may have less.
  expect(await leftOut({ '': { usb: true }, winxp: { usb: false } })).toEqual([USB]);
});
