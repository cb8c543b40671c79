/** The password that a profile asks for: where it may be named, and where it goes. */
import { expect, test } from 'vitest';
import type { StartRequest, StartStage } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { fakeMachine } from './fake-machine.ts';
import { SMALL, smallProfile } from './small-profile.ts';

const ASKING = (text: string) =>
  text
    .replace('options:\n', 'asks: { password: small }\noptions:\n')
    .replace("'{...options}'] }", "'{...options}'], stdin: '{password}' }");

test('only standard input and private files may name it, and only where it is asked for', () => {
  expect(smallProfile(ASKING).asks).toEqual({ password: 'small' });
  expect(() => smallProfile((text) => ASKING(text).replace("'{startId}', '{name}'", "'{password}'"))).toThrow(
    'start.launch.argv[2]: “password” is no value that is known there',
  );
  expect(() => smallProfile((text) => ASKING(text).replace('asks: { password: small }\n', ''))).toThrow(
    'start.launch.stdin: “password” is no value that is known there',
  );
  expect(SMALL).not.toContain('asks');
});

test('it goes to the launch, and no further but with where the viewer connects', async () => {
  const { machine, ran } = fakeMachine((argv) => ({
    stdout: argv[1] === 'launch' ? '@place=7\n@path=/s' : '',
  }));
  const stages: StartStage[] = [];
  const profile = smallProfile(ASKING);
  const request: StartRequest = { name: 'n', command: ['x'], kind: 'app', options: {}, password: 'sesame' };
  await bindBackend(profile, machine).start(request, (stage) => stages.push(stage));
  expect(ran[0]?.options.stdin).toBe('sesame');
  expect(JSON.stringify(ran.slice(1))).not.toContain('sesame');
  expect(JSON.stringify(ran.map(({ argv, options }) => [argv, options.env]))).not.toContain('sesame');
  expect(stages[0]).toMatchObject({ stage: 'placed', endpoint: { secrets: { password: 'sesame' } } });
});
