import enConsole from './en/console.json';
import enCopying from './en/copying.json';
import enPortal from './en/portal.json';
import enShell from './en/shell.json';
import enWords from './en/words.json';
import zhConsole from './zh/console.json';
import zhCopying from './zh/copying.json';
import zhPortal from './zh/portal.json';
import zhShell from './zh/shell.json';
import zhWords from './zh/words.json';

const en = { ...enShell, ...enWords, ...enCopying, ...enConsole, ...enPortal };
const zh = { ...zhShell, ...zhWords, ...zhCopying, ...zhConsole, ...zhPortal };

/** English is the shape; a test holds the other languages to it. */
export type Messages = typeof en;
export const MESSAGES = { en, zh };
