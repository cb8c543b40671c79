/** The agent of another host behind a stream: answers what it is asked, and tells what the test has it tell. */
import { type Duplex, duplexPair } from 'node:stream';
import { encodeLine, LineDecoder } from '../../src/kernel/json-lines.ts';
import type { Inventory } from '../../src/protocol/api.ts';
import { API_VERSION, HOTDESK_VERSION } from '../../src/protocol/version.ts';

export const INVENTORY: Inventory = {
  ...{ hostId: 'H', host: 'far', version: HOTDESK_VERSION, backends: {}, sessions: [], seats: [] },
};

export interface FakePeer {
  /** What the other side is given. */
  readonly stream: Duplex;
  /** Methods that were called. */
  readonly asked: { readonly method: string; readonly params: unknown }[];
  tell(event: string, data: unknown): void;
  /** Answers what was never answered until now. */
  answer(method: string, result: unknown): void;
  end(): void;
}

/** @param answer the result of a call; an Error is told as one, undefined never answers */
export function fakePeer(
  answer: (method: string, peer: FakePeer) => unknown,
  version: number = API_VERSION,
): FakePeer {
  const [near, far] = duplexPair();
  const asked: { method: string; params: unknown }[] = [];
  const write = (value: unknown) => void (far.writable && far.write(encodeLine(value)));
  const open = new Map<string, number>();
  const peer: FakePeer = {
    stream: near,
    asked,
    answer: (method, result) => write({ id: open.get(method), result }),
    tell: (event, data) => write({ event, data }),
    end: () => void far.end(),
  };
  const decoder = new LineDecoder(1_000_000);
  far.on('error', () => {});
  far.on('data', (chunk: Buffer) => {
    for (const value of decoder.push(chunk)) {
      const { id, method, params } = value as { id?: number; method?: string; params?: unknown };
      if (id === undefined || method === undefined) continue;
      asked.push({ method, params });
      const result = answer(method, peer);
      if (result === undefined) {
        open.set(method, id);
        continue;
      }
      if (result instanceof Error) write({ id, error: { code: 'internal', message: result.message } });
      else write({ id, result });
    }
  });
  write({ ...{ hotdesk: version, version: HOTDESK_VERSION }, role: 'agent', hostId: 'H', host: 'far' });
  return peer;
}
