/** Step `login`: by whatever the host takes. What is typed goes to the host and nowhere else. */
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { LoginRefused, PasswordExpired, type SshConnection } from '../../ssh/ssh.ts';
import type { Place, Visit } from '../deps.ts';
import { fact, text } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Look, Step } from '../wizard.ts';
import { needs, placeOf } from './needs.ts';

export function loginStep(visit: Visit): Step {
  return {
    id: 'login',
    title: 'Log in',
    async look(signal): Promise<Look> {
      if (!visit.place) return needs('host');
      try {
        visit.connection = await byKeyAlone(visit, visit.place, signal);
        visit.keyWorks = true;
        if (!(await isExpired(visit.connection, signal))) {
          return { state: 'done', facts: [how(visit, visit.place)] };
        }
        const why = `The password on ${visit.place.name} has expired: nothing runs there until it is changed.`;
        return { state: 'todo', facts: [text(why)] };
      } catch (thrown) {
        const error = toHotdeskError(thrown);
        if (error.code === 'host-key-unknown') return needs('trust');
        if (!(error instanceof LoginRefused)) throw error;
        visit.takes = error.takes;
        return { state: 'todo', facts: [text(error.message)] };
      }
    },
    async explain() {
      const { name, resolved } = placeOf(visit);
      const lines = [
        text(
          `${name} asks for what it wants of ${resolved.user}: a password, a code, or both. It goes to ${name} alone and is written nowhere.`,
        ),
      ];
      return { lines, questions: [] };
    },
    async do(_answers, report, signal) {
      const place = placeOf(visit);
      report(`logging in on ${place.name}`);
      const connect = () => visit.pool.connect(place.target, { signal, prompter: visit.prompter });
      visit.connection = await connect();
      if (await isExpired(visit.connection, signal)) {
        report(`having the expired password changed on ${place.name}`);
        await visit.connection.changePassword(visit.prompter, signal);
        visit.connection = await connect();
      }
      return 'done';
    },
    async verify(_report, signal) {
      const place = placeOf(visit);
      if (!visit.connection?.isOpen) {
        throw new HotdeskError(
          'connection-lost',
          `${place.name} closed the connection right after the login.`,
        );
      }
      signal.throwIfAborted();
      return [how(visit, place)];
    },
    undo: (report, signal) => undoStep(visit, 'login', report, signal),
  };
}

/** A login that asks nobody for anything. */
export function byKeyAlone(visit: Visit, place: Place, signal: AbortSignal): Promise<SshConnection> {
  return visit.pool.connect(place.target, { signal, fresh: { methods: ['publickey'] } });
}

/** Whether the host lets us in, and runs nothing but passwd. What else may fail there is for later steps. */
async function isExpired(connection: SshConnection, signal: AbortSignal): Promise<boolean> {
  try {
    await connection.exec(['true'], { signal });
    return false;
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof PasswordExpired;
  }
}

function how({ connection }: Visit, { name, resolved }: Place) {
  return fact(`Logged in on ${name} as ${resolved.user}, by ${connection?.login.label ?? 'nothing'}.`);
}
