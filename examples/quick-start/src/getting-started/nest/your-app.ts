export * from '../../your-app.ts';
