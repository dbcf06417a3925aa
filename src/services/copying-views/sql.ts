import { Prisma } from '@/platform/database/database';

/** Conditions that must all hold; `false` stands for one that is not asked for. */
export function all(conditions: readonly (Prisma.Sql | false)[]): Prisma.Sql {
  return Prisma.join(
    conditions.filter((condition) => condition !== false),
    ' AND ',
  );
}
