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

it('tells of RDP servers where they are, and of no SSH there', async () => {
  const rdp = (name: string, host: string, port = 3389, user?: string) => ({
    ...{ name, target: `rdp://${host}:${port}` },
    rdp: { host, port, user },
  });
  const hosts = [
    rdp('office', 'desk.example', 3389, 'me'),
    rdp('lab', '10.0.0.7'),
    rdp('six', 'fe80::1%eth0'),
    rdp('behind', 'router.example', 3390),
  ];
  const sink = recorder();
  await createManualFinder({ hosts: () => hosts, onChange: () => () => {} }).start(sink);
  const [office, lab, six, behind] = [...sink.sightings.values()];
  expect(office).toMatchObject({
    ...{ hostName: 'desk.example', addresses: [] },
    rdp: { host: 'desk.example', port: 3389, user: 'me', typed: true },
  });
  expect(lab).toMatchObject({ addresses: [{ address: '10.0.0.7', family: 4 }] });
  expect(six).toMatchObject({ addresses: [{ address: 'fe80::1', family: 6, scope: 'eth0' }] });
  // That may be any machine behind it.
  expect(behind).toMatchObject({ addresses: [], rdp: { port: 3390 } });
  expect(behind).not.toHaveProperty('hostName');
  for (const sighting of sink.sightings.values()) expect(sighting).not.toHaveProperty('sshName');
});
