// Plain Node, no imports from outside: asked before packages are installed.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runningHolder, takeFile } from '../exclusive.mjs';

/**
 * Where this start keeps everything.
 *
 * @returns {string}
 */
export function dataDirectory() {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return resolve(process.env.SLIPSTREAM_DATA_DIR || '.data');
}

/**
 * Throws where a start uses the data folder: packages must not be changed under it either.
 *
 * @param {string} directory
 */
export function refuseSecondStart(directory) {
  const holder = runningHolder(lockFile(directory));
  if (holder !== undefined) throw alreadyRunning(directory, holder);
}

/**
 * Keeps a second `npm start` out of a data folder that one is using.
 *
 * @param {string} directory
 * @returns {() => void} what gives it free again
 */
export function takeLock(directory) {
  const { free, holder } = takeFile(lockFile(directory));
  if (free) return free;
  throw alreadyRunning(directory, holder);
}

/** @param {string} directory */
function lockFile(directory) {
  return join(directory, 'start.lock');
}

/** @param {string} directory @param {string} holder */
function alreadyRunning(directory, holder) {
  return new Error(
    `Slipstream is already running from this folder (process ${holder.split(' ')[0]}${address(directory)}). Stop it with Ctrl-C there, or set SLIPSTREAM_DATA_DIR to run a second one.`,
  );
}

/** @param {string} directory */
function address(directory) {
  try {
    const { web } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
    return web ? `, ${web}` : '';
  } catch {
    return '';
  }
}
