/** One user's side of a setup: a home folder of its own, somebody who answers, and an agent that is not there. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsOf } from '../../src/protocol/paths.ts';
import type { Prompter, SecretStore } from '../../src/ssh/ssh.ts';
import { answersFor } from '../../src/wizard/answers.ts';
import type { SetupDeps } from '../../src/wizard/deps.ts';
import { type RunResult, runSteps } from '../../src/wizard/run.ts';
import { createSetup } from '../../src/wizard/setup.ts';
import { type Undone, undoSetup } from '../../src/wizard/undo.ts';
import type { AgentCalls, Answers, StepId, Terminal, View, WizardEvent } from '../../src/wizard/wizard.ts';
import { PASSWORD, USER } from '../rigs/servers/account.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
export const HOST = 'alpha';

export interface Client {
  readonly home: string;
  readonly deps: SetupDeps;
  /** Kinds of prompts that were asked. */
  readonly asked: string[];
  /** What the agent was told. */
  readonly calls: string[];
  readonly events: WizardEvent[];
  run(options?: RunAs): Promise<RunResult>;
  undo(host?: string): Promise<Undone[]>;
  remove(): void;
}

export interface RunAs {
  /** Default: HOST. */
  readonly host?: string;
  readonly given?: Answers;
  readonly yes?: boolean;
  readonly skip?: readonly StepId[];
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** Lines of ssh_config for the host. */
  readonly config?: readonly string[];
  readonly password?: string;
  /** Answers in the place of one who types the password whatever the question. */
  readonly prompter?: Prompter;
  readonly secrets?: SecretStore;
  readonly agentSocket?: string;
  readonly terminal?: Terminal;
  /** Default: ROOT. */
  readonly installation?: string;
}

/** Steps that need no host that runs sessions. */
export const LOGIN_ONLY: readonly StepId[] = ['machine', 'backends', 'agent', 'proof'];

export function client(options: ClientOptions): Client {
  const base = mkdtempSync(join(tmpdir(), 'hd-setup-'));
  const home = join(base, 'home');
  mkdirSync(home, { mode: 0o700 });
  chmodSync(home, 0o700);
  const configFile = join(base, 'config');
  const file = (name: string) => join(home, '.ssh', name);
  writeFileSync(
    configFile,
    [
      `Host ${HOST}`,
      ...(options.config ?? []).map((line) => `  ${line}`),
      `  HostName ${options.host}`,
      `  Port ${options.port}`,
      `  User ${USER}`,
      'Host *',
      `  UserKnownHostsFile ${file('known_hosts')}`,
      '  GlobalKnownHostsFile none',
      `  IdentityFile ${file('id_ed25519')}`,
      '',
    ].join('\n'),
  );
  const env = {
    HOME: home,
    PATH: process.env.PATH,
    ...(options.agentSocket ? { SSH_AUTH_SOCK: options.agentSocket } : {}),
  };
  const asked: string[] = [];
  const calls: string[] = [];
  const events: WizardEvent[] = [];
  const prompter: Prompter = {
    ask: async (request, signal) => {
      const { kind, prompts } = request;
      asked.push(kind);
      if (options.prompter) return options.prompter.ask(request, signal);
      return prompts.map(() => options.password ?? PASSWORD);
    },
  };
  const deps: SetupDeps = {
    host: HOST,
    prompter,
    secrets: options.secrets,
    terminal: options.terminal,
    agent: absentAgent(calls),
    env,
    paths: pathsOf({ ...env, HOTDESK_RUNTIME_DIR: join(base, 'run') }, process.getuid?.() ?? 0),
    ssh: { configFile, home, env },
    installation: options.installation ?? ROOT,
  };
  return {
    home,
    deps,
    asked,
    calls,
    events,
    run: async ({
      host = HOST,
      given = {},
      yes = true,
      skip = LOGIN_ONLY,
      signal = new AbortController().signal,
    } = {}) => {
      const setup = createSetup({ ...deps, host });
      const view: View = {
        ask: async (_step, explanation) => answersFor(explanation, given, yes),
        failed: async (_step, error) => {
          throw error;
        },
        event: (event) => events.push(event),
      };
      try {
        return await runSteps(setup.steps, view, { skip: new Set(skip), signal });
      } finally {
        await setup.close();
      }
    },
    undo: async (host = HOST) => {
      const undone: Undone[] = [];
      await undoSetup(
        { ...deps, host },
        () => {},
        (each) => undone.push(each),
        new AbortController().signal,
      );
      return undone;
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Answers the host question "accept". */
export const ACCEPT: Answers = { 'trust.key': 'accept', 'host.keep': false };

function absentAgent(calls: string[]): AgentCalls {
  const told =
    (what: string) =>
    async (...args: readonly unknown[]) => {
      calls.push([what, ...args.filter((arg) => typeof arg === 'string')].join(' '));
    };
  return {
    watchHosts: (onChange) => {
      onChange([]);
      return () => {};
    },
    start: async ({ backend, command }) => {
      calls.push(['start', backend, ...command].join(' '));
      return { ref: `${backend}:1@${HOST}` };
    },
    attach: told('attach'),
    detach: told('detach'),
    stop: told('stop'),
    keepHost: async (name) => {
      calls.push(`keep ${name}`);
      return true;
    },
    forgetHost: told('forget'),
    leaveHost: told('leave'),
  };
}

/** Everything in a folder: paths with type, mode and contents. For comparing a home with what it was. */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string, name: string) => {
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isDirectory()) {
      found[`${name}/`] = mode;
      for (const each of readdirSync(path)) visit(join(path, each), `${name}/${each}`);
    } else found[name] = stat.isFile() ? `${mode} ${readFileSync(path, 'base64')}` : `${mode} other`;
  };
  visit(folder, '.');
  return found;
}
