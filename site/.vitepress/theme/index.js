import theme from 'vitepress/theme';
// After the theme's own.
import './style.css';

export default theme;
