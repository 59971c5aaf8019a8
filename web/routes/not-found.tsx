import { data } from 'react-router';
import { publicLoader } from '../shell/route.server.ts';

export const loader = publicLoader(async () => {
  throw new Response(null, { status: 404 });
});

export const action = () => data(null, { status: 404 });

export default function NotFound() {
  return null;
}
