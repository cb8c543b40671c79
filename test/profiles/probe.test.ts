import { expect, test } from 'vitest';
import { probeBackends, probeBothSides, readProbe } from '../../src/profiles/probe.ts';
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

test('one that is too old counts as missing, with what there is and what there should be', () => {
  const strict = smallProfile((text) =>
    text.replace('argv: [small, -V],', "argv: [small, -V], min: '1.10',"),
  );
  const said = (version: string) =>
    readProbe([strict], 'host', 'a', `hotdesk-has:small\t\tsmall ${version}\n`);
  expect(said('1.9.3').get('small')).toMatchObject({
    present: false,
    version: '1.9.3',
    missing: { message: 'a has 1.9.3 of what small needs in 1.10 or later.' },
  });
  expect(said('1.10').get('small')).toEqual({ present: true, version: '1.10' });
});

test('a version that several profiles ask for is asked once', async () => {
  const { machine, ran } = fakeMachine(() => ({
    stdout: 'hotdesk-has:small\tsmallctl\tsmall 2.0\nhotdesk-has:other\t\t\n',
  }));
  const found = await probeBackends([small, other], machine, 'host');
  expect(ran[0]?.argv.filter((word) => word === '-V')).toHaveLength(1);
  expect(found.get('other')).toEqual({ present: true, version: '2.0' });
  expect(found.get('small')?.present).toBe(false);
});

test('both sides are asked in one round trip, and of each version once', async () => {
  const shown = (name: string, viewer: string, asked: string) =>
    smallProfile((text) =>
      text
        .replace('name: small', `name: ${name}`)
        .replace(
          '\n    install: { debian: apt install small, any: see small.example }',
          `$&\n  viewer: { programs: [${viewer}], version: { argv: [${asked}, -V], pattern: '(?<version>\\d\\S*)' }, install: { any: see ${viewer}.example } }`,
        ),
    );
  const [one, two] = [shown('one', 'oneview', 'small'), shown('two', 'twoview', 'twoview')];
  const { machine, ran } = fakeMachine(() => ({
    stdout: [
      'hotdesk-has:one\t\tsmall 1.2.3',
      'hotdesk-has:two\tsmallctl\t',
      'hotdesk-has:small\t\t',
      'hotdesk-has:viewer:one\t\t',
      'hotdesk-has:viewer:two\ttwoview\t',
      '',
    ].join('\n'),
  }));
  const { host, viewer } = await probeBothSides([one, two, small], machine);
  expect(ran).toHaveLength(1);
  expect(ran[0]?.argv.filter((word) => word === '-V')).toHaveLength(2);
  expect(host.get('one')).toEqual({ present: true, version: '1.2.3' });
  expect(host.get('two')?.missing?.message).toBe('alpha has no smallctl, which two needs.');
  expect(viewer.get('one')).toEqual({ present: true, version: '1.2.3' });
  expect(viewer.get('two')?.missing?.message).toBe('alpha has no twoview, which two needs.');
  expect(viewer.get('small')).toEqual({ present: true });
});
