import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSshConfigFinder } from '../../src/discovery/ssh-config.ts';
import { until } from '../rigs/until.ts';
import { recorder } from './recorder.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hotdesk-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('tells the aliases, without looking anything up, and follows the file even when it comes late', async () => {
  const file = path.join(folder, 'config');
  let aliases: { alias: string; hostName?: string }[] = [];
  const named = (...names: string[]) => names.map((alias) => ({ alias }));
  const sink = recorder();
  const finder = createSshConfigFinder({ aliases: () => aliases, files: [file], pollMs: 20 });
  await finder.start(sink);
  expect(sink.sightings.size).toBe(0);
  aliases = named('alpha', '*', 'b?', '!no', '-oProxyCommand=x', 'has space', 'beta');
  await writeFile(file, 'Host alpha\n');
  await until('two aliases', () => sink.sightings.size === 2);
  expect(sink.sightings.get('alpha')).toEqual({
    ...{ finder: 'ssh-config', key: 'alpha', name: 'alpha', sshName: 'alpha' },
    ...{ addresses: [], services: [] },
  });
  aliases = named('beta');
  await writeFile(file, 'Host beta and more\n');
  await until('alpha lost', () => sink.events.includes('lost alpha'));
  expect(sink.events.filter((event) => event === 'found beta')).toHaveLength(1);
  aliases = [{ alias: 'beta', hostName: '10.0.0.9' }];
  await writeFile(file, 'Host beta and much more\n');
  await until('its HostName told', () => sink.sightings.get('beta')?.hostName === '10.0.0.9');
  await finder.stop();
});

it('reports a file that cannot be read and goes on', async () => {
  const sink = recorder();
  const aliases = () => Promise.reject(new Error('no'));
  const finder = createSshConfigFinder({ aliases, files: [path.join(folder, 'config')] });
  await finder.start(sink);
  expect(sink.problems).toHaveLength(1);
  await finder.stop();
});
