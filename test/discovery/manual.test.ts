import { expect, it } from 'vitest';
import { createManualFinder } from '../../src/discovery/manual.ts';
import { recorder } from './recorder.ts';

it('tells what is typed in, once, and what is taken out', async () => {
  let hosts = [
    { name: 'alpha', target: 'me@10.0.0.5' },
    { name: 'be\u001bta', target: 'beta' },
  ];
  let changed = () => {};
  let listening = true;
  const onChange = (listener: () => void) => {
    changed = listener;
    return () => {
      listening = false;
    };
  };
  const finder = createManualFinder({ hosts: () => hosts, onChange });
  const sink = recorder();
  await finder.start(sink);
  expect(sink.sightings.get('alpha')).toMatchObject({ sshName: 'me@10.0.0.5', finder: 'manual' });
  expect([...sink.sightings.values()].map((sighting) => sighting.name)).toEqual(['alpha', 'be ta']);
  hosts = [{ name: 'alpha', target: 'me@10.0.0.6' }];
  changed();
  expect(sink.sightings.get('alpha')?.sshName).toBe('me@10.0.0.6');
  expect(sink.events).toEqual(['found alpha', 'found be\u001bta', 'lost be\u001bta', 'found alpha']);
  finder.suspect('alpha');
  expect(sink.sightings.size).toBe(1);
  await finder.stop();
  expect(listening).toBe(false);
});
