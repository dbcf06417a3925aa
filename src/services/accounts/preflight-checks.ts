import { PREFLIGHT_CHECKS, type Preflight, type PreflightCode } from '@/contracts/api/people';
import { dec } from '@/domain/decimal';
import {
  type AccountClient,
  type AccountLevel,
  type MarginMode,
  type VenueAccountConfig,
  type VenueBalance,
  VenueError,
} from '@/exchanges/port';

type CheckName = (typeof PREFLIGHT_CHECKS)[number];
type Finding = Omit<Preflight[number], 'check'>;

export type PreflightResult = {
  readonly preflight: Preflight;
  readonly health: 'healthy' | 'limited' | 'failing';
  /** Why it is not healthy: the gravest check that failed decides. */
  readonly failure: PreflightCode | null;
  /** The venue itself was away: nothing was learnt about the key. */
  readonly unreachable: boolean;
  readonly config: VenueAccountConfig | null;
  readonly balance: VenueBalance | null;
};

/** What of an account the checks depend on. */
export type CheckedAccount = { readonly simulated: boolean; readonly marginMode: MarginMode };

/** Failures that stop entries only: the key works, and what is held can still be closed. */
const LIMITING: ReadonlySet<string> = new Set<PreflightCode>(['ACCOUNT_MODE_UNSUPPORTED', 'ISOLATED_UNAVAILABLE']);

/** Requests are signed with the venue's own time, so that a difference stops nothing; one beyond this is worth mending. */
const SKEW_WARNING_MS = 2_000;

const ok = (detail: Finding['detail'] = {}): Finding => ({ result: 'ok', code: 'OK', detail });
const failed = (code: PreflightCode, detail: Finding['detail'] = {}): Finding => ({ result: 'failed', code, detail });
const warning = (code: PreflightCode, detail: Finding['detail'] = {}): Finding => ({ result: 'warning', code, detail });
const skipped = (code: PreflightCode): Finding => ({ result: 'skipped', code, detail: {} });

/**
 * Everything that must be right before a key trades. Only asks, changes nothing at the venue. `readTime` answers epoch
 * ms; `connect` answers null when the stored key does not open. Never rejects.
 */
export async function checkAccount(
  readTime: () => Promise<number>,
  connect: () => Pick<AccountClient, 'getConfig' | 'getBalance'> | null,
  account: CheckedAccount,
  now: () => number,
): Promise<PreflightResult> {
  const findings = new Map<CheckName, Finding>();
  let config: VenueAccountConfig | null = null;
  let balance: VenueBalance | null = null;
  let unreachable = false;

  try {
    const { roundTrip, skew } = await patiently(() => readSkew(readTime, now));
    findings.set('reachable', ok({ milliseconds: String(roundTrip) }));
    findings.set('clock', clockFinding(skew));
    const connected = connect();
    if (connected === null) findings.set('credentials', failed('CREDENTIALS_UNREADABLE'));
    else {
      config = await patiently(() => connected.getConfig());
      balance = config.canRead ? await patiently(() => connected.getBalance()) : null;
      findings.set('credentials', ok());
      findings.set('identity', ok());
      for (const [check, finding] of configFindings(config, account)) findings.set(check, finding);
      if (balance !== null) findings.set('balance', balanceFinding(balance));
    }
  } catch (error) {
    unreachable = !(error instanceof VenueError) || error.retryable;
    if (unreachable) findings.set('reachable', failed('VENUE_UNREACHABLE', reason(error)));
    else findings.set('credentials', failed('CREDENTIALS_REJECTED', reason(error)));
  }

  const preflight = PREFLIGHT_CHECKS.map((check) => ({ check, ...(findings.get(check) ?? skipped('NOT_CHECKED')) }));
  const failures = preflight.filter((finding) => finding.result === 'failed');
  const failing = failures.filter(({ code }) => !LIMITING.has(code));
  // A key that may withdraw is the graver news than one that may not trade.
  const gravest = failing.find((finding) => finding.check === 'withdraw') ?? failing[0] ?? failures[0];
  const health = failing.length > 0 ? 'failing' : failures.length > 0 ? 'limited' : 'healthy';
  return { preflight, health, failure: (gravest?.code ?? null) as PreflightCode | null, unreachable, config, balance };
}

const ATTEMPTS = 6;
const PAUSE_MS = 300;

/** Many keys are checked at once when an installation is new: the venue's limits are waited for, not reported. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt >= ATTEMPTS || !(error instanceof VenueError) || error.kind !== 'throttled') throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt * (0.5 + Math.random())));
    }
  }
}

async function readSkew(
  readTime: () => Promise<number>,
  now: () => number,
): Promise<{ roundTrip: number; skew: number }> {
  const before = now();
  const venueTime = await readTime();
  const after = now();
  return { roundTrip: after - before, skew: venueTime - (before + after) / 2 };
}

function clockFinding(skew: number): Finding {
  const detail = { milliseconds: String(Math.round(Math.abs(skew))) };
  return Math.abs(skew) > SKEW_WARNING_MS ? warning('CLOCK_SKEW', detail) : ok(detail);
}

function configFindings(config: VenueAccountConfig, { simulated, marginMode }: CheckedAccount): [CheckName, Finding][] {
  return [
    ['read', config.canRead ? ok() : failed('NO_READ_PERMISSION')],
    ['trade', config.canTrade ? ok() : failed('NO_TRADE_PERMISSION')],
    ['withdraw', config.canWithdraw ? failed('WITHDRAW_PERMISSION') : ok()],
    ['ip_binding', ipFinding(config, simulated)],
    ['account_level', levelFinding(config.level, marginMode)],
    ['position_mode', ok({ mode: config.positionMode })],
  ];
}

/** Portfolio margin knows no reduce-only orders: closes take longer there, and nothing is opened. */
function levelFinding(level: AccountLevel, marginMode: MarginMode): Finding {
  if (level === 'spot') return failed('DERIVATIVES_DISABLED');
  if (level === 'portfolio' || level === 'unknown') return failed('ACCOUNT_MODE_UNSUPPORTED');
  return level === 'multi_currency' && marginMode === 'isolated' ? failed('ISOLATED_UNAVAILABLE') : ok();
}

function ipFinding({ boundIps }: VenueAccountConfig, simulated: boolean): Finding {
  if (boundIps.length > 0) return ok({ addresses: boundIps.slice(0, 5).join(', ') });
  return simulated ? skipped('NOT_NEEDED') : warning('IP_UNBOUND');
}

function balanceFinding({ equity, available }: VenueBalance): Finding {
  return dec(equity).gt(0) ? ok({ equity, available }) : warning('EMPTY_BALANCE', { equity });
}

/** The venue's code and words, which never hold the key. */
function reason(error: unknown): Record<string, string> {
  return error instanceof VenueError ? { venueCode: error.code, message: error.message.slice(0, 200) } : {};
}
