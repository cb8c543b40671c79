/** Which backend starts a session: a rule over what the host has, what is wanted, and what can be shown here. Pure. */
import type { SessionKind } from '../model/session.ts';

/** A backend of the host that can start sessions. */
export interface Able {
  readonly name: string;
  readonly kinds: readonly SessionKind[];
}

export interface Choice {
  readonly name: string;
  /** For people: a sentence or two. */
  readonly why: string;
}

const KEEPS: Readonly<Record<SessionKind, string>> = {
  app: 'applications',
  desktop: 'desktops',
  terminal: 'terminals',
  shadow: 'displays that are there already',
  vm: 'virtual machines',
  console: 'consoles that somebody handed out',
};

/**
 * A terminal goes to what keeps terminals, an application to what keeps applications, a desktop to what
 * keeps desktops; of several the first that this seat can show. An application goes to a terminal where
 * the host has nothing else.
 * @param able by preference
 * @param canShow whether a backend's sessions can be shown where this one is to be, asked only if it matters;
 * undefined: it is to be shown at no seat
 * @param preferred names that the user has put first, for the reason alone: `able` is in that order already
 * @returns undefined where nothing will do
 */
export async function chooseBackend(
  host: string,
  kind: SessionKind,
  able: readonly Able[],
  canShow: ((name: string) => Promise<boolean>) | undefined,
  preferred: readonly string[] = [],
): Promise<Choice | undefined> {
  const fits = able.filter(({ kinds }) => kinds.includes(kind));
  const [first, ...more] = fits;
  if (!first) {
    const terminal = kind === 'app' ? able.find(({ kinds }) => kinds.includes('terminal')) : undefined;
    const why = `Nothing on ${host} keeps ${KEEPS.app}: ${terminal?.name ?? ''} runs it in a terminal.`;
    return terminal && { name: terminal.name, why };
  }
  const keeps = `${host} has ${first.name}, which keeps ${KEEPS[kind]}`;
  if (more.length === 0) return { name: first.name, why: `${keeps}.` };
  const passed: string[] = [];
  for (const { name } of fits) {
    if (!canShow || (await canShow(name))) {
      const others = fits.filter((each) => each.name !== name && !passed.includes(each.name));
      const does = `keeps ${KEEPS[kind]}${canShow ? ' and can be shown here' : ''}`;
      const isOwn = preferred.includes(name);
      return { name, why: `${host} has ${name}, which ${does}.${reasons(passed, others, isOwn)}` };
    }
    passed.push(name);
  }
  return { name: first.name, why: `${keeps}. Nothing here shows it, nor ${list(more.map((m) => m.name))}.` };
}

/** What else could have been taken, and why it was not. @param isOwn the user has put what was taken first */
function reasons(passed: readonly string[], others: readonly Able[], isOwn: boolean): string {
  const instead = passed.length > 0 ? ` ${list(passed)} would come first, and cannot be shown here.` : '';
  const also = list(others.map((other) => other.name));
  const setting = isOwn ? 'your setting preferBackends decided' : 'see the setting preferBackends';
  const choice = also ? ` So could ${also}: ${setting}.` : '';
  return `${choice}${instead}`;
}

function list(names: readonly string[]): string {
  const [last = '', ...before] = [...names].reverse();
  return before.length > 0 ? `${before.reverse().join(', ')} and ${last}` : last;
}
