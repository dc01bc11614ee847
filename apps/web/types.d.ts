/** Marker module that Next resolves itself: importing it from client code fails the build. */
declare module 'server-only'
declare module '*.css'
