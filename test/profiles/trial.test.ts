import { expect, test } from 'vitest';
import { probeAndTry } from '../../src/profiles/trial.ts';
import { type Answer, fakeMachine } from './fake-machine.ts';
import { smallProfile } from './small-profile.ts';

const tried = smallProfile((text) =>
  text
    .replace('    install: { debian', '    trial: { argv: [smallctl, try] }\n    install: { debian')
    .replace('exits: {', 'exits: { 95: backend-missing,'),
);
const plain = smallProfile((text) => text.replace('name: small', 'name: plain'));

/** @param outcome of the trial */
function machineWith(outcome: () => Answer, version = '1.2') {
  return fakeMachine(([program]) =>
    program === 'smallctl'
      ? outcome()
      : { stdout: `hotdesk-has:small\t\tsmall ${version}\nhotdesk-has:plain\t\tsmall 1.0\n` },
  );
}
const trials = (ran: readonly { readonly argv: readonly string[] }[]) =>
  ran.filter(({ argv }) => argv[0] === 'smallctl').length;

test('what cannot run is told with the reason and a way out, and tried once', async () => {
  const { machine, ran } = machineWith(() => ({ code: 95, stderr: 'It crashes on this system (signal 6).' }));
  const [first, second] = await Promise.all([
    probeAndTry([tried, plain], machine),
    probeAndTry([tried], machine),
  ]);
  expect(first.get('small')).toMatchObject({
    present: false,
    missing: { message: 'small cannot be used on alpha: It crashes on this system (signal 6).' },
  });
  expect(first.get('small')?.missing?.hint).toContain('another backend');
  expect(first.get('plain')?.present).toBe(true);
  expect(second.get('small')?.present).toBe(false);
  expect((await probeAndTry([tried], machine)).get('small')?.present).toBe(false);
  expect(trials(ran)).toBe(1);
});

test('what runs is tried once too, and again where it is another version', async () => {
  let version = '1.2';
  const { machine, ran } = fakeMachine(([program]) =>
    program === 'smallctl' ? {} : { stdout: `hotdesk-has:small\t\tsmall ${version}\n` },
  );
  for (const expected of [1, 1]) {
    expect((await probeAndTry([tried], machine)).get('small')).toEqual({ present: true, version });
    expect(trials(ran)).toBe(expected);
  }
  version = '1.3';
  await probeAndTry([tried], machine);
  expect(trials(ran)).toBe(2);
});

test('what is not there is not tried, and an outcome that says nothing of it is not kept', async () => {
  const nothing = fakeMachine(() => ({ stdout: 'hotdesk-has:small\tsmallctl\t\n' }));
  expect((await probeAndTry([tried], nothing.machine)).get('small')?.present).toBe(false);
  expect(nothing.ran).toHaveLength(1);
  let code = 1;
  const { machine, ran } = machineWith(() => ({ code }));
  expect((await probeAndTry([tried], machine)).get('small')?.present).toBe(false);
  code = 0;
  expect((await probeAndTry([tried], machine)).get('small')?.present).toBe(true);
  expect(trials(ran)).toBe(2);
});
