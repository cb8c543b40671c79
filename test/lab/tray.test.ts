/** The tray's main job, on real panels between hosts: a session comes here by two clicks, and goes on from the next desk. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { buildReader, LabPanel } from '../rigs/panel/lab-panel.ts';
import { until } from '../rigs/until.ts';

const SHOTS = fileURLToPath(new URL('../../.test-results/screenshots', import.meta.url));
const LONG_MS = 60_000;

describe.each([
  { kind: 'systray2', dark: true },
  { kind: 'sni', dark: false },
] as const)('trays by $kind', ({ kind, dark }) => {
  let lab: Lab;
  let reader: { readonly inLab: string; remove(): void };
  let panels: readonly LabPanel[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    reader = await buildReader();
    lab = await Lab.up({ hosts: 3, seats: true });
    for (const host of lab.hosts) await new Desk(host).ok(['agent', 'start']);
    for (const number of [1, 3]) await new Desk(lab.host(number)).ok(['config', 'set', 'tray.backend', kind]);
    panels = await Promise.all(
      [1, 3].map((number) => LabPanel.start(lab.host(number), reader.inLab, { dark })),
    );
    for (const panel of panels) panel.spawn(['hotdesk', 'tray']);
  });
  afterAll(async () => {
    for (const panel of panels) panel.end();
    await lab?.down();
    reader?.remove();
  });

  const [one, three] = [() => at(0), () => at(1)];
  const at = (index: number): LabPanel => {
    const panel = panels[index];
    if (!panel) throw new Error(`no panel ${index}`);
    return panel;
  };
  const showsXterm = async (panel: LabPanel) =>
    (await panel.host.windows()).some(({ name }) => /xterm|user@h2/u.test(name));
  const shot = (panel: LabPanel, name: string) =>
    panel.host.screenshot(path.join(SHOTS, `${kind}-${name}.png`));

  it('open a session of another host by mouse and keys, and bring it to the next desk', async () => {
    await new Desk(lab.host(2)).ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    await Promise.all(panels.map((panel) => panel.shows('xterm — h2', 'Open here')));

    // Nothing more comes now that would change the menu under the pointer.
    await Promise.all(['h1', 'h2', 'h3'].map((name) => one().shows(name, 'Start', 'System')));

    await one().open();
    await one().keys('Down', 'Right');
    await until('the submenu is open', async () => (await one().openMenus()) > 1, LONG_MS);
    await shot(one(), 'menu');
    await one().keys('Return');
    await until('its window is at h1', () => showsXterm(one()), LONG_MS);
    await one().shows('xterm — h2 (shown here)', 'Detach');
    await three().shows('xterm — h2 (shown at h1)', 'Bring here');

    const process = () =>
      lab
        .host(2)
        .processes()
        .find(({ argv }) => argv[0]?.endsWith('xterm'))?.pid;
    const before = process();
    expect(before).toBeGreaterThan(0);
    await three().choose('xterm — h2', 'Bring here');
    await until('its window is at h3', () => showsXterm(three()), LONG_MS);
    await until('and not at h1 any more', async () => !(await showsXterm(one())), LONG_MS);
    await one().shows('xterm — h2 (shown at h3)');

    await three().choose('xterm — h2', 'Open at', 'h1');
    await until('it is at h1 again', () => showsXterm(one()), LONG_MS);
    expect(process()).toBe(before);
    await one().choose('xterm — h2', 'Detach');
    await until('nobody shows it', async () => !(await showsXterm(one())), LONG_MS);
    await one().choose('xterm — h2', 'Stop…', 'Yes, end xterm');
    await one().shows('No sessions');
    expect(process()).toBeUndefined();
  });

  it('start an application of another host', async () => {
    await one().shows('h2', 'Start', 'System', 'UXTerm');
    await one().choose('h2', 'Start', 'System', 'UXTerm');
    await until(
      'its window is here',
      async () => (await one().host.windows()).some(({ name }) => /uxterm|user@h2/u.test(name)),
      LONG_MS,
    );
    const item = await one().shows('h2', 'Start', 'UXTerm');
    expect(item.kind).toBe('leaf');
    await shot(one(), 'application');
    await one().choose('UXTerm — h2', 'Stop…', 'Yes');
    await one().shows('No sessions');
  });
});
