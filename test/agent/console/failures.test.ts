import { expect, test } from 'vitest';
import { explained, hear, type Said } from '../../../src/agent/console/failures.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';

const about = { name: undefined, nla: false };
const file = (format: 'vv' | 'rdp') => ({
  ...{ format, name: 'one', host: 'far.example', text: '', leftOut: [], once: false, hasPassword: true },
  asks: undefined,
});
const after = (...lines: string[]) => {
  const said: Said = {};
  for (const line of lines) hear(said, line);
  return said;
};
const failed = new HotdeskError('viewer-failed', 'xfreerdp ended with 147 before it showed anything.', {
  hint: 'The session goes on: `hotdesk attach` tries again.',
});
const fault = (number: number) =>
  `[ERROR][com.freerdp.core.transport] - BIO_read returned a system error ${number}: x`;
const transport =
  '[ERROR] - transport_write:freerdp_set_last_error_ex ERRCONNECT_CONNECT_TRANSPORT_FAILED [0x0002000D]';

test('who did not answer is named, with the viewer’s reason where it has one', () => {
  const refused = 'DEBUG: main channel: failed to connect Could not connect to 10.0.0.2: Connection refused';
  expect(explained(failed, file('vv'), after(refused), about)).toMatchObject({
    code: 'host-unreachable',
    message: 'far.example cannot be reached: Could not connect to 10.0.0.2: Connection refused.',
    hint: expect.stringContaining('is there and runs'),
  });
  const vnc = 'WARNING **: vnc-session: got vnc error Unable to connect to 10.0.0.2:5901: Connection refused';
  expect(explained(failed, file('vv'), after(vnc), about).message).toBe(
    'far.example cannot be reached: Connection refused.',
  );
  for (const lines of [[fault(32), transport], ['ERRCONNECT_DNS_NAME_NOT_FOUND [0x00020005]']]) {
    const { code, message } = explained(failed, file('rdp'), after(...lines), about);
    expect({ code, message }).toEqual({
      code: 'host-unreachable',
      message: 'far.example cannot be reached.',
    });
  }
});

test('a socket of this machine, which is no host, is told by its name', () => {
  const socket = { ...file('vv'), name: 'spice.sock', host: '' };
  const said = after('DEBUG: main channel: failed to connect Could not connect: No such file or directory');
  expect(explained(failed, socket, said, about).message).toBe(
    'spice.sock cannot be reached: Could not connect: No such file or directory.',
  );
  const refused = new HotdeskError('auth-failed', 'remote-viewer was not let in.');
  expect(explained(refused, socket, {}, about).message).toBe(
    'It did not take the password or ticket of spice.sock.',
  );
});

test('one that hung up was reached; under NLA it did not let in who came', () => {
  const said = after(fault(104), fault(32), transport);
  const error = explained(failed, file('rdp'), said, about);
  expect(error).toMatchObject({ code: 'viewer-failed', message: failed.message });
  // There is no session to attach to.
  expect(error.hint).not.toContain('attach');
  expect(explained(failed, file('rdp'), said, { name: 'desk', nla: true }).code).toBe('auth-failed');
});

test('a wrong ticket is told with where to get another', () => {
  const refused = new HotdeskError('auth-failed', 'remote-viewer was not let in.');
  expect(explained(refused, file('vv'), {}, about)).toMatchObject({
    code: 'auth-failed',
    message: 'far.example did not take the password or ticket of one.',
    hint: expect.stringContaining('new one'),
  });
});

test('what is no failure of the console stays what it is', () => {
  const cancelled = new HotdeskError('cancelled', 'Stopped before it was done.');
  expect(explained(cancelled, file('vv'), {}, about)).toBe(cancelled);
});
