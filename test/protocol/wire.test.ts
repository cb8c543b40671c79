import { duplexPair } from 'node:stream';
import { expect, it } from 'vitest';
import { encodeLine } from '../../src/kernel/json-lines.ts';
import { Caller } from '../../src/protocol/caller.ts';
import { API_VERSION, HOTDESK_VERSION } from '../../src/protocol/version.ts';
import { INVENTORY } from '../agent/fake-peer.ts';

/** A caller whose other side says what the test says. */
async function rig() {
  const [near, far] = duplexPair();
  far.on('data', () => {});
  far.write(encodeLine({ hotdesk: API_VERSION, version: HOTDESK_VERSION, role: 'agent' }));
  const caller = await Caller.open(near, { role: 'peer' });
  const heard: string[] = [];
  caller.on('inventory', ({ host }) => heard.push(host));
  const asked = caller.call('inventory', {}).then(({ host }) => heard.push(host));
  return { caller, far, heard, asked };
}

const answer = encodeLine({ id: 1, result: { ...INVENTORY, host: 'answer' } });
const event = (host: string) => encodeLine({ event: 'inventory', data: { ...INVENTORY, host } });

it.each(['one chunk', 'two'])(
  'lets an event that came in %s with the answer be heard after it',
  async (how) => {
    const { far, heard, asked } = await rig();
    const parts = [event('before') + answer, event('after') + event('last')];
    far.cork();
    for (const part of how === 'two' ? parts : [parts.join('')]) far.write(part);
    far.uncork();
    await asked;
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(heard).toEqual(['before', 'answer', 'after', 'last']);
  },
);

it('hears what came before the end', async () => {
  const { caller, far, heard, asked } = await rig();
  far.end(answer + event('after') + encodeLine({ id: 7, result: {} }) + event('last'));
  await new Promise<void>((resolve) => caller.onClose(() => resolve()));
  await asked;
  expect([...heard].sort()).toEqual(['after', 'answer', 'last']);
});

it('hears nothing that came before it was closed here', async () => {
  const { caller, far, heard, asked } = await rig();
  far.write(answer + event('after'));
  await asked;
  caller.close();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(heard).toEqual(['answer']);
});
