import { z } from 'zod';
import { givenRoles } from '../../domain/role/membership.ts';

/** Ids of people are better-auth's texts. */
export const userIdInput = z.string().min(1).max(100);
export const givenRole = z.enum(givenRoles, 'Choose viewer, editor or admin.');
