/** Virtual machines on h2: libvirt's, defined and started by hand, seen and used from h1. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

/** SPICE with a password, no disk, in TCG. */
const DOMAIN = `<domain type='qemu'>
  <name>tiny guest</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><bootmenu enable='yes'/></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <graphics type='spice' autoport='yes' listen='127.0.0.1' passwd="it's &amp; $(x)"/>
    <video><model type='qxl'/></video><memballoon model='none'/>
  </devices>
</domain>`;

describe('virtual machines between two hosts', () => {
  let lab: Lab;
  let h1: Desk;
  let h2: Desk;

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 2, avahi: [], seats: true });
    [h1, h2] = lab.hosts.map((host) => new Desk(host)) as [Desk, Desk];
    for (const desk of [h1, h2]) await desk.ok(['agent', 'start']);
    await until('h1 has h2', async () =>
      (await h1.hosts()).some(({ name, state }) => name === 'h2' && state === 'agent'),
    );
  });
  afterAll(async () => {
    await lab?.down();
  });

  /** As a user of h2 types it there. */
  const virsh = async (...args: string[]) => {
    const ran = await h2.host.user(['virsh', '-q', '-c', 'qemu:///session', ...args], {
      env: { XDG_RUNTIME_DIR: '/run/user/4200' },
    });
    if (ran.code !== 0) throw new Error(`virsh ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const row = async () => (await h1.sessions()).find(({ name }) => name === 'tiny guest');
  const shown = async (desk: Desk) =>
    (await desk.host.windows()).some(({ name }) => name.includes('tiny guest'));

  it('a machine of libvirt is started by its name, shown with its password, and stopped', async () => {
    await h2.host.user(['sh', '-c', 'printf %s "$1" >tiny.xml', 'sh', DOMAIN]);
    await virsh('define', 'tiny.xml');
    // As long as it does not run there is no session.
    expect(await row()).toBeUndefined();
    await h1.ok(['start', 'h2', '--backend', 'spice-vm', '--', 'tiny guest']);
    await until('h1 shows it', () => shown(h1));
    const session = await until('it is listed', row);
    expect(session).toMatchObject({ backend: 'spice-vm', host: 'h2', shownAt: ['h1'] });
    expect(await virsh('domstate', 'tiny guest')).toContain('running');
    // The password is on nobody's command line.
    const argv = [...h1.host.processes(), ...h2.host.processes()].flatMap((process) => process.argv);
    expect(argv.filter((word) => word.includes('$(x)'))).toEqual([]);

    const picture = await h1.ok(['thumbnail', session.ref, '--output', '/home/user/tiny.png', '--force']);
    expect(picture.code).toBe(0);
    await h1.ok(['detach', session.ref]);
    await until('nobody shows it', async () => !(await shown(h1)));
    expect(await virsh('domstate', 'tiny guest')).toContain('running');

    const again = await h1.run(['start', 'h2', '--backend', 'spice-vm', '--', 'tiny guest']);
    expect(again.code).toBe(6);
    expect(again.stderr).toContain('runs already');

    await h1.ok(['stop', session.ref, '--yes']);
    await until('it is gone', async () => (await row()) === undefined);
    expect(await virsh('domstate', 'tiny guest')).toContain('shut off');
  });

  it('one that was started by virsh is listed and shown, and gone when virsh ends it', async () => {
    await virsh('start', 'tiny guest');
    const session = await until('it is listed', async () => {
      await h2.sessions();
      return row();
    });
    await h1.ok(['attach', session.ref]);
    await until('h1 shows it', () => shown(h1));
    await virsh('destroy', 'tiny guest');
    await until('h1 does not show it', async () => !(await shown(h1)));
    await until('it is gone', async () => {
      await h2.sessions();
      return (await row()) === undefined;
    });
  });
});
