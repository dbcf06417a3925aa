import createNextIntlPlugin from 'next-intl/plugin';

/** Inline styles are antd's, written while rendering; inline scripts are Next's own start-up data. Nothing comes from elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = [
  { key: 'Content-Security-Policy', value: CONTENT_SECURITY_POLICY },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
];

/** @type {import('next').NextConfig} */
const config = {
  // Tests build beside the pages of a running service, never over them.
  ...(process.env.NEXT_DIST_DIR ? { distDir: process.env.NEXT_DIST_DIR } : {}),
  // The build checks what the pages are made of; npm test checks everything.
  typescript: { tsconfigPath: process.env.NEXT_TSCONFIG || 'tsconfig.build.json' },
  poweredByHeader: false,
  reactStrictMode: true,
  turbopack: { root: import.meta.dirname },
  // Packages with native parts, with workers or with a state of their own: loaded by Node as they are.
  serverExternalPackages: [
    '@node-rs/argon2',
    '@prisma/adapter-mariadb',
    '@prisma/client',
    'bull',
    'ccxt',
    'ioredis',
    'mariadb',
    'nodemailer',
    'okx-api',
    'pino',
    'pino-pretty',
    'socket.io',
    'undici',
    'ws',
  ],
  headers: async () => [{ source: '/:path*', headers: SECURITY_HEADERS }],
};

export default createNextIntlPlugin('./src/ui/i18n/request.ts')(config);
