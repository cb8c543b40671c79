import type { Command } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import { hostJson } from '../as-json.ts';
import type { Flags } from '../console.ts';
import { hostHints, hostLines, sortedHosts } from '../hosts-table.ts';
import { addHost, type ManualHost, rdpUrlOf, removeHost } from '../manual-hosts.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

interface AddFlags extends Flags {
  readonly ssh?: string;
  /** True: at its name. */
  readonly rdp?: string | true;
}

const LOOK_MS = 3000;
/** The setting that holds the typed-in hosts. */
const SETTING = 'hosts';

export function declare(program: Command, shell: Shell): void {
  const hosts = common(program.command('hosts'))
    .description('List the hosts, or add and remove those that are not found by themselves')
    .action((flags: Flags) => command(shell, flags, list));
  common(hosts.command('add'))
    .description('Add a host that no finder finds')
    .argument('<name>', 'name to call it by; also its address unless --ssh says otherwise')
    .option('--ssh <target>', 'where to connect: [user@]address[:port] or an ssh_config alias')
    .option('--rdp [target]', 'it speaks RDP and no SSH, such as Windows: [user@]address[:port]')
    .action((name: string, _flags: AddFlags, own: Command) => {
      // What `hosts` takes too is given to that, wherever it stands.
      const flags = own.optsWithGlobals<AddFlags>();
      return command(shell, flags, (run) => add(run, name, flags));
    });
  common(hosts.command('remove'))
    .description('Remove a host that was added')
    .argument('<name>', 'its name')
    .action((name: string, _flags: Flags, own: Command) =>
      command(shell, own.optsWithGlobals<Flags>(), (run) =>
        edit(run, (now) => removeHost(now, name), `${name} is removed.`),
      ),
    );
  examples(hosts, [
    ['hotdesk hosts', 'every host, how it was found and what is wrong with it'],
    ['hotdesk hosts add attic --ssh me@10.0.0.7', 'one that is not on this network'],
    ['hotdesk hosts add office --rdp me@10.0.0.9', 'a PC with Windows: `hotdesk open office` shows it'],
    ['hotdesk hosts remove attic', 'forget it'],
  ]);
}

async function add(run: Run, name: string, { ssh, rdp }: AddFlags): Promise<void> {
  if (rdp === undefined) {
    await edit(
      run,
      (now) => addHost(now, name, ssh),
      `${name} is added. Look at it: \`hotdesk list ${name}\`.`,
    );
    return;
  }
  if (ssh !== undefined) {
    throw new HotdeskError('bad-argument', 'A host that has SSH needs no --rdp.', {
      hint: 'Sessions by RDP go over SSH there: `hotdesk start HOST --backend rdp`.',
    });
  }
  const url = rdpUrlOf(rdp === true ? name : rdp);
  await edit(run, (now) => addHost(now, name, url), `${name} is added. Show it: \`hotdesk open ${name}\`.`);
}

async function list(run: Run): Promise<void> {
  await run.connect({ checks: 'envelope' });
  const snapshot = await run.call('catalogue', { look: 'auto', waitMs: LOOK_MS }, 'asking the hosts');
  const hosts = sortedHosts(snapshot);
  if (run.console.flags.json) {
    run.console.json({ hosts: hosts.map((host) => hostJson(host, snapshot.sessions)) });
    return;
  }
  run.console.lines(hostLines(hosts, run.console.width));
  for (const hint of hostHints(hosts)) run.console.note({ text: hint, style: 'yellow' });
  if (hosts.length < 2) {
    run.console.note('No other host yet: `hotdesk doctor` says why, `hotdesk setup NAME` sets one up.');
  }
}

async function edit(
  run: Run,
  change: (now: readonly ManualHost[]) => readonly ManualHost[],
  done: string,
): Promise<void> {
  const { settings } = await run.call('config.list', {}, 'reading the settings');
  const row = settings.find((setting) => setting.key === SETTING);
  if (!row) throw new HotdeskError('internal', 'The agent has no setting for hosts.');
  const value = JSON.stringify(change(row.value as readonly ManualHost[]));
  const after = await run.call('config.set', { key: SETTING, value }, 'writing the settings');
  if (run.console.flags.json) run.console.json({ setting: after });
  else run.console.note(done);
}
