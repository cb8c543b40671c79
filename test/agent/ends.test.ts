import { expect, it } from 'vitest';
import { tellEnds } from '../../src/agent/ends.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Session } from '../../src/model/session.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';
import { SMALL } from '../profiles/small-profile.ts';

const SECTION = `
ended:
  command: { argv: [smallctl, end, '{localId}'] }
  output: { format: key-values }
  at: '{at}'
  code: '{code}'
  signal: ''
  lines: []
`;
const session = (localId: string): Session => ({
  ...{ backend: 'small', localId, name: localId, kind: 'app', watchers: [], state: 'live' },
});

function rig(section = SECTION) {
  const { machine, ran } = fakeMachine(([, , id]) => {
    if (id === 'broken') return { code: 1, stderr: 'no' };
    return id === 'unknown' ? {} : { stdout: `at=1\ncode=${id}\n` };
  });
  const backend = bindBackend(parseProfile(`${SMALL}${section}`, 'small.yaml'), machine);
  const told: string[] = [];
  const tell = (gone: readonly string[]) =>
    tellEnds(
      backend,
      gone.map(session),
      ({ localId }, { code }) => void told.push(`${localId}: ${code}`),
      silentLogger,
    );
  return { told, tell, ran };
}

it('tells of those whose end is known, and of the others nothing', async () => {
  const { told, tell } = rig();
  await tell(['3', 'broken', 'unknown', '0']);
  expect(told.sort()).toEqual(['0: 0', '3: 3']);
});

it('asks for a few only when many go at once, and nothing where nothing is kept', async () => {
  const many = rig();
  await many.tell(Array.from({ length: 100 }, (_, n) => String(n)));
  expect(many.ran).toHaveLength(8);
  const none = rig('');
  await none.tell(['1']);
  expect(none.ran).toEqual([]);
});
