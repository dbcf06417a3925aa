import { spawn, spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { findBinary } from './binaries';

/** A program that must be there, and the Debian packages that bring it. */
export interface Requirement {
  /** Found when this says so. */
  isThere(): boolean;
  packages: readonly string[];
  /** How a person says it: "MariaDB". */
  name: string;
}

export class MissingProgramsError extends Error {}

/**
 * Installs the packages of what is missing with apt, where that needs no question to anybody (root, or sudo without a password).
 * Elsewhere throws MissingProgramsError, which says what to install by hand.
 */
export async function ensurePrograms(
  requirements: readonly Requirement[],
  log: (message: string) => void,
  alternative?: string,
): Promise<void> {
  const missing = requirements.filter((requirement) => !requirement.isThere());
  if (missing.length === 0) return;
  const packages = missing.flatMap((requirement) => requirement.packages);
  const prefix = rightsPrefix();
  if (prefix && findBinary('apt-get')) {
    log(`Installing ${packages.join(', ')} with apt-get`);
    await aptInstall(prefix, packages);
  }
  const still = requirements.filter((requirement) => !requirement.isThere());
  if (still.length > 0) throw new MissingProgramsError(advice(still, alternative));
}

function advice(missing: readonly Requirement[], alternative: string | undefined): string {
  const names = missing.map((requirement) => requirement.name).join(' and ');
  const packages = missing.flatMap((requirement) => requirement.packages).join(' ');
  return [
    `${names} ${missing.length === 1 ? 'is' : 'are'} not installed here, and this user may not install packages. Any of these will do:`,
    `  Debian, Ubuntu:  sudo apt-get install -y --no-install-recommends ${packages}`,
    `  macOS:           brew install ${packages
      .replace('mariadb-server', 'mariadb')
      .replace('redis-server', 'redis')
      .replace(/ ?fonts-\S+/, '')}`,
    ...(alternative ? [alternative] : []),
  ].join('\n');
}

/** The words before a command that needs root's rights; undefined when they can't be had without asking. */
function rightsPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = findBinary('sudo');
  if (sudo && spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0) return [sudo, '-n'];
  return undefined;
}

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_ASIDE = `${POLICY}.before-slipstream`;

async function aptInstall(prefix: readonly string[], packages: readonly string[]): Promise<void> {
  const restore = await forbidServiceStarts(prefix);
  try {
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
    const install = [...env, 'install', '-y', '--no-install-recommends', ...packages];
    // The lists may be old or absent: then an update, once, and again.
    if ((await runAs(prefix, install)) !== 0) {
      await runAs(prefix, [...env, 'update']);
      const code = await runAs(prefix, install);
      if (code !== 0) throw new MissingProgramsError(`apt-get install ${packages.join(' ')} failed: ${lastOutput}`);
    }
  } finally {
    await restore();
  }
  // Where systemd runs, the packages would start their own servers at the next boot; ours are private ones.
  if (existsSync('/run/systemd/system')) {
    for (const unit of ['mariadb', 'redis-server']) {
      if (packages.includes(unit) || packages.includes(`${unit}-server`)) {
        await runAs(prefix, ['systemctl', 'disable', '--quiet', unit]);
      }
    }
  }
}

/** Debian's own switch: a package asks this program before it starts a service; 101 forbids. */
async function forbidServiceStarts(prefix: readonly string[]): Promise<() => Promise<void>> {
  const had = existsSync(POLICY);
  const asRoot = prefix.length === 0;
  if (had) {
    if (asRoot) renameSync(POLICY, POLICY_ASIDE);
    else await runAs(prefix, ['mv', POLICY, POLICY_ASIDE]);
  }
  await runAs(prefix, ['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${POLICY} && chmod 755 ${POLICY}`]);
  return async () => {
    await runAs(prefix, had ? ['mv', POLICY_ASIDE, POLICY] : ['rm', '-f', POLICY]);
  };
}

let lastOutput = '';

function runAs(prefix: readonly string[], words: readonly string[]): Promise<number> {
  const [command = '', ...args] = [...prefix, ...words];
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-600);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', () => resolve(127));
    child.once('close', (code) => {
      lastOutput = output.trim();
      resolve(code ?? 1);
    });
  });
}
