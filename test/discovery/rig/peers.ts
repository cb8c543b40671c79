/** Finders and publishers of hotdesk as programs of their own, inside hosts of the lab. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Sighting } from '../../../src/model/host.ts';
import { encodeTxt } from '../../../src/protocol/txt.ts';
import type { LabHost } from '../../rigs/lab/host.ts';
import { until } from '../../rigs/until.ts';
import type { PeerAction, PeerOptions } from './messages.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

export interface PeerEvent {
  /** Milliseconds since the epoch: the hosts of the lab share a clock. */
  readonly at: number;
  readonly found?: Sighting;
  readonly lost?: string;
  readonly ready?: boolean;
  readonly mode?: readonly (string | null)[] | string;
  readonly rss?: number;
  /** Heap and buffers after a collection, in bytes. */
  readonly kept?: number;
  readonly cpu?: { readonly user: number; readonly system: number };
  readonly problem?: string;
  readonly fatal?: string;
  readonly stopped?: boolean;
}

/** The programs, built into a folder where the hosts can read them and Node finds the packages. */
export async function buildPeer(): Promise<{ file: string; stranger: string; remove(): void }> {
  const folder = mkdtempSync(path.join(CHECKOUT, 'node_modules', '.discovery-peer-'));
  chmodSync(folder, 0o755);
  await build({
    entryPoints: [new URL('./peer.ts', import.meta.url), new URL('./stranger.ts', import.meta.url)].map(
      (url) => fileURLToPath(url),
    ),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
  });
  // Where a lab host sees the checkout, wherever that is: /tmp and /home are its own.
  const built = (name: string) =>
    path.join('/run/lab/hotdesk/node_modules', path.basename(folder), `${name}.mjs`);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { file: built('peer'), stranger: built('stranger'), remove };
}

export class Peer {
  readonly events: PeerEvent[] = [];
  /** What the finder holds to be there. */
  readonly seen = new Map<string, Sighting>();
  readonly #running: ReturnType<LabHost['spawn']>;

  private constructor(running: ReturnType<LabHost['spawn']>) {
    this.#running = running;
    createInterface({ input: running.child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as PeerEvent;
      this.events.push(event);
      if (event.found) this.seen.set(event.found.key, event.found);
      if (event.lost !== undefined) this.seen.delete(event.lost);
    });
  }

  static async start(host: LabHost, file: string, options: PeerOptions): Promise<Peer> {
    const running = host.spawn(['node', '--expose-gc', file, JSON.stringify(options)], {
      timeoutMs: 300_000,
    });
    const peer = new Peer(running);
    const failed = () => running.output().stderr !== '' && peer.events.length === 0;
    await until('the peer is ready', () => peer.events.some((event) => event.ready) || failed(), 20_000);
    if (failed()) throw new Error(running.output().stderr);
    return peer;
  }

  send(action: PeerAction): void {
    this.#running.child.stdin.write(`${JSON.stringify(action)}\n`);
  }

  /** Sends `action` and waits for the event that answers it. */
  async ask(action: PeerAction, isAnswer: (event: PeerEvent) => boolean): Promise<PeerEvent> {
    const from = this.events.length;
    this.send(action);
    return await until('an answer', () => this.events.slice(from).find(isAnswer));
  }

  async mode(): Promise<string> {
    const { mode } = await this.ask({ mode: true }, (event) => Array.isArray(event.mode));
    return (Array.isArray(mode) ? mode : []).filter((each) => each !== null).join(' ');
  }

  /** Events about `key` since `from` of them: `found` or `lost`. */
  historyOf(key: string, from = 0): string[] {
    return this.events.slice(from).flatMap((event) => {
      if (event.lost === key) return ['lost'];
      return event.found?.key === key ? ['found'] : [];
    });
  }

  /** Ends it as an owner would. */
  async stop(): Promise<void> {
    this.send({ stop: true });
    await this.#running.result;
  }

  /** Ends it as a crash would: no goodbye. */
  async kill(): Promise<void> {
    this.#running.kill('SIGKILL');
    await this.#running.result;
  }

  get fatal(): string | undefined {
    return this.events.find((event) => event.fatal)?.fatal;
  }
}

export function advertTxt(revision: number, hostId = 'ab'.repeat(16)): string[] {
  return encodeTxt({ hostId, agentId: '0011aabb', revision, sessionCount: 0, sessions: [] }).map(String);
}

/** What an agent on `host` publishes. */
export function publication(host: LabHost, bus: boolean): PeerOptions {
  const { name } = host;
  const txt = advertTxt(1);
  return { publish: { bus, instance: `${name}-abab-0011`, hostName: name, port: 22, txt } };
}

export function keyOf(host: LabHost): string {
  return `agent:${host.name}-abab-0011`;
}
