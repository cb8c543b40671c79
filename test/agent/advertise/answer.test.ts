import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo, readQuery } from '../../../src/agent/advertise/answer.ts';
import { allOf, recordsFor } from '../../../src/agent/advertise/records.ts';

const link = { name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] } as const;
const publication = { instance: 'alpha-1', hostName: 'alpha', port: 22, txt: [Buffer.from('v=1')] };
const records = recordsFor(publication, 'alpha.local', link);
const service = '_hotdesk._tcp.local';
const query = (packet: object) => answerTo(readQuery(packet, allOf(records)), records);
const ask = (name: string, type: string) => query({ questions: [{ name, type }] });
const types = (answer: ReturnType<typeof ask>) => answer?.answers.map(({ type }) => type);

describe('an answer', () => {
  it('to a browser is the pointer with everything else beside it, later than at once', () => {
    const answer = ask(service, 'PTR');
    expect(types(answer)).toEqual(['PTR']);
    expect(answer?.additionals.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A']);
    expect(answer?.shared).toBe(true);
  });

  it.each([
    ['alpha-1._hotdesk._tcp.local', 'SRV', ['SRV']],
    ['ALPHA-1._hotdesk._tcp.LOCAL', 'TXT', ['TXT']],
    ['alpha-1._hotdesk._tcp.local', 'ANY', ['SRV', 'TXT']],
    ['Alpha.local', 'A', ['A']],
    ['_services._dns-sd._udp.local', 'PTR', ['PTR']],
  ])('to %s %s is %j', (name, type, expected) => {
    expect(types(ask(name, type))).toEqual(expected);
  });

  it('is none to what is not ours', () => {
    expect(ask('beta-1._hotdesk._tcp.local', 'SRV')).toBeUndefined();
    expect(ask('alpha.local', 'AAAA')).toBeUndefined();
    expect(ask('_ssh._tcp.local', 'PTR')).toBeUndefined();
  });

  it('has each record once, however often it is asked for', () => {
    const questions = Array.from({ length: 60 }, () => ({ name: service, type: 'PTR' }));
    expect(types(query({ questions }))).toEqual(['PTR']);
  });

  it('leaves out what the asker knows, while more than half of its time is left (§7.1)', () => {
    const questions = [{ name: service, type: 'PTR' }];
    const known = (ttl: number) => ({ name: service, type: 'PTR', ttl, data: 'alpha-1._hotdesk._tcp.local' });
    expect(query({ questions, answers: [known(4000)] })).toBeUndefined();
    expect(types(query({ questions, answers: [known(2000)] }))).toEqual(['PTR']);
    expect(readQuery({ questions, flag_tc: true }, []).truncated).toBe(true);
  });

  it('can be given to anything', () => {
    fc.assert(fc.property(fc.anything(), (packet) => void readQuery(packet, allOf(records))));
  });
});
