/** libvirt on a host of the lab, as its user has it (qemu:///session). */
import type { LabHost } from './host.ts';
import { LAB_UID } from './host.ts';

/** A machine without a disk, in TCG, its console with a password; its firmware's menu waits for a key. */
export const domainXml = (name: string, devices = '') => `<domain type='qemu'>
  <name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><bootmenu enable='yes' timeout='60000'/></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>${devices}
    <graphics type='spice' autoport='yes' listen='127.0.0.1' passwd="it's &amp; $(x)"/>
    <video><model type='qxl'/></video><memballoon model='none'/>
  </devices>
</domain>`;

export class Libvirt {
  readonly #host: LabHost;

  constructor(host: LabHost) {
    this.#host = host;
  }

  /** As a user types it there. */
  run(...args: string[]) {
    return this.#host.user(['virsh', '-q', '-c', 'qemu:///session', ...args], {
      env: { XDG_RUNTIME_DIR: `/run/user/${LAB_UID}` },
    });
  }

  /** @throws Error with what virsh said */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** `define` or `create`, of a file with `xml`. */
  async make(xml: string, ...how: readonly [verb: string, ...options: string[]]): Promise<void> {
    await this.#host.user(['sh', '-c', 'printf %s "$1" >machine.xml', 'sh', xml]);
    await this.ok(...how, 'machine.xml');
  }

  /** As `virsh domstate` says it; undefined where there is none. */
  async state(name: string): Promise<string | undefined> {
    return (await this.run('domstate', name)).stdout.trim() || undefined;
  }

  /** Names of what is there, defined or running. */
  async names(): Promise<readonly string[]> {
    return (await this.ok('list', '--all', '--name')).split('\n').filter(Boolean);
  }

  /** Ends and undefines everything. */
  async clear(): Promise<void> {
    for (const name of await this.names()) {
      await this.run('destroy', name);
      await this.run('undefine', name);
    }
  }
}
