import { describe, expect, it } from 'vitest';
import { readPrismaShape } from './prisma-shape';

describe('readPrismaShape', () => {
  it('reads columns, keys, indexes and relations', () => {
    const shape = readPrismaShape(`
      enum Colour {
        red
        green
      }
      model Car {
        id      String   @id @db.Char(32)
        colour  Colour   @default(red) // not @unique
        link    String   @default("http://x") @unique @db.VarChar(50)
        serial  BigInt   @unique @default(autoincrement())
        price   Decimal? @default(0.5) @db.Decimal(36, 18)
        made    DateTime @default(now()) @db.DateTime(3)
        ownerId String?  @db.Char(32)
        owner   Owner?   @relation(fields: [ownerId], references: [id], onDelete: SetNull)
        @@index([ownerId, made])
      }
      model Owner {
        id   String @db.Char(32)
        cars Car[]
        @@id([id])
      }`);
    expect(shape.Car?.columns.colour).toEqual({
      type: "enum('red','green')",
      nullable: false,
      default: 'red',
      autoIncrement: false,
    });
    expect(shape.Car?.columns.link).toMatchObject({ type: 'varchar(50)', default: 'http://x' });
    expect(shape.Car?.columns.serial).toMatchObject({ type: 'bigint', default: null, autoIncrement: true });
    expect(shape.Car?.columns.price).toMatchObject({ type: 'decimal(36,18)', nullable: true, default: '0.5' });
    expect(shape.Car?.columns.made).toMatchObject({ type: 'datetime(3)', default: 'now' });
    expect(shape.Car?.columns).not.toHaveProperty('owner');
    expect(shape.Car?.indexes).toEqual({
      Car_link_key: { unique: true, columns: ['link'] },
      Car_serial_key: { unique: true, columns: ['serial'] },
      Car_ownerId_made_idx: { unique: false, columns: ['ownerId', 'made'] },
    });
    expect(shape.Car?.foreignKeys).toEqual({
      Car_ownerId_fkey: {
        columns: ['ownerId'],
        table: 'Owner',
        targets: ['id'],
        onDelete: 'SET NULL',
        onUpdate: 'CASCADE',
      },
    });
    expect(shape.Owner?.primaryKey).toEqual(['id']);
  });

  it('refuses what it does not know', () => {
    expect(() => readPrismaShape('model A {\n id Int @id\n @@fulltext([id])\n}')).toThrow('@@fulltext is not known');
    expect(() => readPrismaShape('model A {\n id Strange @id\n}')).toThrow('the type Strange is not known');
  });
});
