import { expect, test } from 'vitest';
import { probeBackends, readProbe } from '../../src/profiles/probe.ts';
import { fakeMachine } from './fake-machine.ts';
import { smallProfile } from './small-profile.ts';

const small = smallProfile();
const other = smallProfile((text) => text.replace('name: small', 'name: other'));

test('all profiles are asked in one round trip', async () => {
  const { machine, ran } = fakeMachine(() => ({
    stdout: 'motd\nhotdesk-os:debian \t0\nhotdesk-has:small\t\tsmall 1.2.3 \nhotdesk-has:other\tsmallctl\t\n',
  }));
  const found = await probeBackends([small, other], machine, 'host');
  expect(ran).toHaveLength(1);
  expect(found.get('small')).toEqual({ present: true, version: '1.2.3' });
  expect(found.get('other')).toEqual({
    present: false,
    missing: {
      message: 'alpha has no smallctl, which other needs.',
      hint: 'Install it: `apt install small`',
    },
  });
});

test('the hint fits the distribution, or says where to look', () => {
  const text = (os: string) => `hotdesk-os:${os}\t1000\nhotdesk-has:small\tsmall\t\n`;
  const hint = (os: string) => readProbe([small], 'host', 'a', text(os)).get('small')?.missing?.hint;
  expect(hint('linuxmint ubuntu debian')).toBe('Install it: `sudo apt install small`');
  expect(hint('constructor')).toContain('small.example');
});

test('a machine that answers nothing has nothing; a side without needs is there', () => {
  expect(readProbe([small], 'host', 'a', '').get('small')?.present).toBe(false);
  expect(readProbe([small], 'viewer', 'a', '').get('small')).toEqual({ present: true });
});

test('a version that is no version is left out', () => {
  expect(readProbe([small], 'host', 'a', 'hotdesk-has:small\t\tTraceback\n').get('small')).toEqual({
    present: true,
  });
});
