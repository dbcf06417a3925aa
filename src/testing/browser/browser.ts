import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where Debian and others put the browser; Playwright's own download is not needed. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Starts the system's Chromium, or the program named by CHROMIUM_PATH. Close it when done. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`No Chromium at ${PLACES.join(', ')}; set CHROMIUM_PATH`);
  return chromium.launch({ executablePath, args: FLAGS });
}

export const DESKTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export type View = {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  readonly locale?: 'en' | 'zh';
};

/** A browser window of its own (own cookies) on the pages at `url`, in the theme and language of `view`. */
export async function openWindow(browser: Browser, url: string, view: View = {}): Promise<BrowserContext> {
  const { viewport = DESKTOP, theme = 'light', locale = 'en' } = view;
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    locale: locale === 'zh' ? 'zh-CN' : 'en-GB',
    isMobile: viewport.width < 600,
    hasTouch: viewport.width < 600,
    deviceScaleFactor: viewport.width < 600 ? 2 : 1,
  });
  await context.addCookies([
    { name: 'slipstream-theme', value: theme, url },
    { name: 'slipstream-locale', value: locale, url },
  ]);
  return context;
}

/** Logs in through the page and waits for the start page of the role. */
export async function logIn(page: Page, login: { email: string; password: string }): Promise<void> {
  await page.goto('/login');
  await page.locator('input[type="text"], input[inputmode="email"]').first().fill(login.email);
  await page.locator('input[type="password"]').fill(login.password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/\/(admin|portal)/);
}

/** Keeps what the page shows as artifacts/screenshots/<name>.png and answers the file. */
export async function screenshot(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<string> {
  const directory = resolve(process.env.SCREENSHOT_DIR ?? join('artifacts', 'screenshots'));
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${name}.png`);
  await page.screenshot({ path, fullPage: options.fullPage ?? false, animations: 'disabled' });
  return path;
}
