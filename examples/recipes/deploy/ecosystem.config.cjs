module.exports = {
  apps: [
    {
      name: 'shop',
      script: 'dist/durable-server.js',
      exec_mode: 'cluster',
      instances: 'max',
      wait_ready: true, // until process.send('ready')
      listen_timeout: 10_000,
      kill_timeout: 25_000, // more than requests (10 s) and events (10 s) may take
    },
  ],
};
