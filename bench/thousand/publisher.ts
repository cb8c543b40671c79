/**
 * Many hosts in one process, each with one `_hotdesk._tcp` instance, that answer as hosts of their
 * own would: a packet each, 20–120 ms after a question for all (RFC 6762 §6), known answers left out,
 * nothing twice within a second. argv: address to send from, first number, count, TXT entries of one
 * as JSON with `%` for its number in 32 hex digits.
 */
import { createSocket } from 'node:dgram';
import { type Answer, Message, parseQuery, type Query, TYPE } from './dns.ts';

const GROUP = '224.0.0.251';
const PORT = 5353;
const SERVICE = '_hotdesk._tcp.local';
const TTL = { shared: 4500, unique: 120 } as const;
const HOLD_MS = 450;

interface Host {
  readonly instance: string;
  readonly hostName: string;
  readonly answers: Readonly<Record<'ptr' | 'srv' | 'txt' | 'a', Answer>>;
  sentAt: number;
  /** Which records wait to be sent. */
  due: Set<'ptr' | 'srv' | 'txt' | 'a'> | undefined;
}

const [address = '', first = '0', count = '0', template = '[]'] = process.argv.slice(2);
const entries = JSON.parse(template) as string[];
const hosts = Array.from({ length: Number(count) }, (_, i) => hostOf(Number(first) + i));
const byName = new Map(
  hosts.flatMap((host) => [[host.instance, host] as const, [host.hostName, host] as const]),
);
const socket = createSocket({ type: 'udp4', reuseAddr: true });
/** Known answers of askers that have more to tell. */
const held = new Map<string, { asked: boolean; known: Set<string>; timer: NodeJS.Timeout }>();

function hostOf(number: number): Host {
  const hex = number.toString(16).padStart(32, '0');
  const instance = `bench-${number} ${hex.slice(-6)}.${SERVICE}`;
  const hostName = `bench-${number}.local`;
  const net = address.split('.').slice(0, 3).map(Number);
  const record = (name: string, type: number, ttl: number, data: (message: Message) => void): Answer => ({
    name,
    type,
    ttl,
    data,
  });
  return {
    instance,
    hostName,
    sentAt: 0,
    due: undefined,
    answers: {
      ptr: record(SERVICE, TYPE.PTR, TTL.shared, (m) => m.name(instance)),
      srv: record(instance, TYPE.SRV, TTL.unique, (m) => {
        for (const field of [0, 0, 22]) m.short(field);
        m.name(hostName);
      }),
      txt: record(instance, TYPE.TXT, TTL.shared, (m) => {
        for (const entry of entries) m.text(entry.replace('%', hex));
      }),
      a: record(hostName, TYPE.A, TTL.unique, (m) => m.raw([...net, 10 + (number % 240)])),
    },
  };
}

function answer({ questions, known, truncated }: Query, from: string): void {
  const asksAll = questions.some(
    ({ name, type }) => name === SERVICE && (type === TYPE.PTR || type === TYPE.ANY),
  );
  const open = held.get(from);
  if (open) {
    for (const name of known) open.known.add(name);
    open.asked ||= asksAll;
  } else if (asksAll && truncated) {
    const timer = setTimeout(() => {
      const all = held.get(from);
      held.delete(from);
      if (all?.asked) answerAll(all.known);
    }, HOLD_MS);
    held.set(from, { asked: true, known: new Set(known), timer });
  } else if (asksAll) {
    answerAll(new Set(known));
  }
  for (const { name, type } of questions) {
    const host = byName.get(name);
    if (!host) continue;
    const isHost = name === host.hostName;
    if (isHost && (type === TYPE.A || type === TYPE.ANY)) send(host, ['a'], 10);
    if (!isHost && (type === TYPE.SRV || type === TYPE.ANY)) send(host, ['srv', 'a'], 10);
    if (!isHost && (type === TYPE.TXT || type === TYPE.ANY)) send(host, ['txt'], 10);
  }
}

function answerAll(known: ReadonlySet<string>): void {
  for (const host of hosts) {
    if (!known.has(host.instance) && Date.now() - host.sentAt > 1000) {
      send(host, ['ptr', 'srv', 'txt', 'a'], 20 + Math.random() * 100);
    }
  }
}

function send(host: Host, records: readonly ('ptr' | 'srv' | 'txt' | 'a')[], inMs: number): void {
  if (host.due) {
    for (const record of records) host.due.add(record);
    return;
  }
  host.due = new Set(records);
  setTimeout(() => {
    const due = [...(host.due ?? [])];
    host.due = undefined;
    if (due.includes('ptr')) host.sentAt = Date.now();
    socket.send(Message.response(due.map((record) => host.answers[record])), PORT, GROUP);
  }, inMs);
}

socket.on('message', (packet, { address: from }) => {
  try {
    const query = parseQuery(packet);
    if (query) answer(query, from);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
});
socket.bind(PORT, '0.0.0.0', () => {
  socket.addMembership(GROUP, address);
  socket.setMulticastInterface(address);
  socket.setMulticastTTL(255);
  socket.setMulticastLoopback(false);
  process.stdout.write('ready\n');
});
